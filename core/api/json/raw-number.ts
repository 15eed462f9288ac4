// TypeScript's libraries do not describe this part of the language yet.
const nativeJson = JSON as unknown as { rawJSON(text: string): object };

/**
 * A whole number that a double would round. It is written out by JSON.stringify digit by digit, as it came; compared and
 * reckoned with it is the nearest double, which is enough to hold it against a bound.
 */
export class ExactInteger {
  readonly rawJSON: string;

  constructor(digits: string) {
    this.rawJSON = digits;
  }

  toJSON(): object {
    return nativeJson.rawJSON(this.rawJSON);
  }

  valueOf(): number {
    return Number(this.rawJSON);
  }

  toString(): string {
    return this.rawJSON;
  }
}

export function exactInteger(digits: string): ExactInteger | number {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : new ExactInteger(digits);
}

export function isExactInteger(value: unknown): value is ExactInteger {
  return value instanceof ExactInteger;
}
