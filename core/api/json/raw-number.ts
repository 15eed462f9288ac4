interface RawJson {
  readonly rawJSON: string;
}

// TypeScript's libraries do not describe this part of the language yet.
const nativeJson = JSON as unknown as {
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
};

/** A whole number that a double would round. It is written out by JSON.stringify digit by digit, as it came. */
export type ExactInteger = RawJson;

export function exactInteger(digits: string): ExactInteger | number {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : nativeJson.rawJSON(digits);
}

export function isExactInteger(value: unknown): value is ExactInteger {
  return typeof value === "object" && value !== null && nativeJson.isRawJSON(value);
}
