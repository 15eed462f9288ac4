import { BerthError, nearestName } from "@berth/base";

/** The part of JSON Schema that a manifest's `config` may use. */
export interface ConfigSchema {
  type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  description?: string;
  default?: unknown;
  properties?: Record<string, ConfigSchema>;
  required?: string[];
  additionalProperties?: boolean | ConfigSchema;
  items?: ConfigSchema;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  maxItems?: number;
}

const invalidConfig = BerthError.define({
  code: "BERTH_VERBS_CONFIG",
  grpc: "INVALID_ARGUMENT",
  http: 422,
  owner: "operator",
  next: "Correct the keys named in the message; the plugin's README lists every key with its default.",
});

/** Every problem of a configuration at once. */
export class ConfigError extends BerthError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(invalidConfig, problems.join("; "));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** The configuration with defaults filled in, frozen. Throws {@link ConfigError} naming every wrong key. */
export function checkConfig(schema: ConfigSchema, config: unknown): Readonly<Record<string, unknown>> {
  const problems: string[] = [];
  const result = check(
    { type: "object", additionalProperties: false, ...schema },
    config,
    "config",
    problems,
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(result as Record<string, unknown>);
}

function check(schema: ConfigSchema, value: unknown, path: string, problems: string[]): unknown {
  if (schema.type && !hasType(schema.type, value)) {
    problems.push(`${path}: expected ${schema.type}, got ${describe(value)}`);
    return value;
  }
  if (schema.enum && !schema.enum.includes(value)) {
    const known = schema.enum.map(String);
    const nearest = nearestName(String(value), known);
    problems.push(
      `${path}: ${describe(value)} is none of ${known.join(", ")}${nearest ? `; did you mean ${nearest}?` : ""}`,
    );
  }
  if (typeof value === "number") checkNumber(schema, value, path, problems);
  if (typeof value === "string") checkString(schema, value, path, problems);
  if (Array.isArray(value)) return checkArray(schema, value, path, problems);
  if (hasType("object", value)) return checkObject(schema, value as Record<string, unknown>, path, problems);
  return value;
}

function checkNumber(schema: ConfigSchema, value: number, path: string, problems: string[]): void {
  if (schema.minimum !== undefined && value < schema.minimum) {
    problems.push(`${path}: ${value} is less than ${schema.minimum}`);
  }
  if (schema.maximum !== undefined && value > schema.maximum) {
    problems.push(`${path}: ${value} is more than ${schema.maximum}`);
  }
}

function checkString(schema: ConfigSchema, value: string, path: string, problems: string[]): void {
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value)) {
    problems.push(`${path}: ${describe(value)} does not match ${schema.pattern}`);
  }
  if (schema.minLength !== undefined && value.length < schema.minLength) {
    problems.push(`${path}: shorter than ${schema.minLength} characters`);
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    problems.push(`${path}: longer than ${schema.maxLength} characters`);
  }
}

function checkArray(schema: ConfigSchema, value: unknown[], path: string, problems: string[]): unknown[] {
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    problems.push(`${path}: more than ${schema.maxItems} items`);
  }
  const items = schema.items;
  return items ? value.map((item, index) => check(items, item, `${path}[${index}]`, problems)) : value;
}

function checkObject(
  schema: ConfigSchema,
  value: Record<string, unknown>,
  path: string,
  problems: string[],
): Record<string, unknown> {
  const properties = schema.properties ?? {};
  const result: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const at = path === "config" ? key : `${path}.${key}`;
    if (Object.hasOwn(properties, key)) result[key] = check(properties[key]!, member, at, problems);
    else if (typeof schema.additionalProperties === "object") {
      result[key] = check(schema.additionalProperties, member, at, problems);
    } else if (schema.additionalProperties === false)
      problems.push(unknownKey(at, key, Object.keys(properties)));
    else result[key] = member;
  }
  for (const [key, property] of Object.entries(properties)) {
    if (!Object.hasOwn(result, key) && property.default !== undefined)
      result[key] = structuredClone(property.default);
  }
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(result, key)) problems.push(`${path === "config" ? key : `${path}.${key}`}: missing`);
  }
  return result;
}

function unknownKey(path: string, key: string, known: string[]): string {
  const nearest = nearestName(key, known);
  if (nearest) return `unknown key ${path}; did you mean ${nearest}?`;
  return known.length > 0
    ? `unknown key ${path}; known are ${known.join(", ")}`
    : `unknown key ${path}; none are known`;
}

function hasType(type: NonNullable<ConfigSchema["type"]>, value: unknown): boolean {
  switch (type) {
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isSafeInteger(value);
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  return JSON.stringify(value) ?? typeof value;
}
