import { isJsonObject } from "./json-value.ts";
import { isExactInteger } from "./raw-number.ts";

/** A value as Kubernetes' messages show what was sent: `map[containers:[map[image:web name:<nil>]]]`. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value === "string") return value;
  if (isExactInteger(value) || !isJsonObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${name}:${goText(value[name])}`);
  return `map[${members.join(" ")}]`;
}

/** What Go's decoder calls a value of JSON. */
export function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (isExactInteger(value)) return "number";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** Go's sentence for a value that is not what is expected, as `value of type map[string]interface {}`. */
export const notUnmarshalled = (value: unknown, expected: string): string =>
  `json: cannot unmarshal ${jsonKind(value)} into Go ${expected}`;

/** What Go reads an object into. */
export const goMap = "value of type map[string]interface {}";
