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
