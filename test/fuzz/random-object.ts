import { elementType, groupVersion, type Kind, typeSchema } from "../../core/api/index.ts";
import type { Random } from "./random.ts";
import { samples } from "./samples.ts";

const texts = [
  ...[
    "a",
    "b",
    "web",
    "",
    " ",
    "A b",
    "-",
    "a.b",
    "a/b",
    "x".repeat(64),
    "x".repeat(300),
    "é\u{1f600}",
    "\u0000",
  ],
  ...["10.0.0.1", "::1", "10.0.0.0/8", "None", "100m", "1Gi", "-5", "1e999", "50%", "*", "../../etc/passwd"],
  ...["2026-01-02T03:04:05Z", "1m30s", "* * * * *", "Zg==", "__proto__", "constructor", "toString"],
];
const numbers = [0, 1, 2, -1, 80, 443, 65_536, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 1.5, 1e300];
const anything = [null, true, false, [], {}, "", 0, -1, [[]], [null], { a: null }, "x", 2 ** 53];

/** CEL that is good, that fails when it is run, that costs too much, and that is none. */
const expressions = [
  ...["true", "object.a.b.c == 1", "object == oldObject", "request.userInfo.groups.exists(g, g == 'a')"],
  ...[
    "[1,2,3].map(x, [1,2,3].map(y, x * y))",
    "1 / 0 == 1",
    "9223372036854775807 + 1 > 0",
    "'a'.matches('(a+)+$')",
  ],
  ...[
    "object.metadata.labels['a'] == params.data['a']",
    "has(object.x",
    "",
    "{'a': 1}[object.metadata.name]",
  ],
  ...["duration('1h') > duration('x')", "variables.none", "object.metadata.name.substring(5, 1)", "\u0000"],
];

/** An object of a kind that is right in form, mostly, and wrong in what it says, often. */
export function randomObject(kind: Kind, random: Random): Record<string, unknown> {
  const sample = samples[kind.kind];
  if (sample && (kind.type === "" || random.chance(0.6))) return mutatedSample(sample, kind, random);
  const object = randomOfType(kind.type, random, 0) as Record<string, unknown>;
  const metadata: Record<string, unknown> = { name: random.pick(["a", "b", "web", "x-1"]) };
  if (random.chance(0.2)) metadata["generateName"] = "a-";
  if (random.chance(0.3)) Object.assign(metadata, randomOfType("meta.v1.ObjectMeta", random, 2) as object);
  Object.assign(object, { apiVersion: groupVersion(kind), kind: kind.kind, metadata });
  return object;
}

function mutatedSample(sample: Record<string, unknown>, kind: Kind, random: Random): Record<string, unknown> {
  const { name } = sample["metadata"] as { name: string };
  const metadata = { name: name === "a" ? random.pick(["a", "b", "web", "x-1"]) : name };
  const object = { ...sample, apiVersion: groupVersion(kind), metadata };
  return mutated(object, random, random.below(4)) as Record<string, unknown>;
}

function randomOfType(type: string, random: Random, depth: number): unknown {
  const element = elementType(type);
  if (element) {
    const count = depth > 8 ? 0 : random.below(3);
    const items = Array.from({ length: count }, () => randomOfType(element.element, random, depth + 1));
    return element.of === "list"
      ? items
      : Object.fromEntries(items.map((item) => [random.pick(texts), item]));
  }
  const schema = typeSchema(type);
  if (!schema) return randomScalar(type, random);
  const object: Record<string, unknown> = {};
  for (const field of schema.fields) {
    if (!random.chance(field.required ? 0.95 : depth > 6 ? 0.02 : 3 / (schema.fields.length + 3))) continue;
    object[field.name] =
      field.name.toLowerCase().endsWith("expression") && field.type === "string"
        ? random.pick(expressions)
        : field.enum && random.chance(0.9) && field.type === "string"
          ? random.pick(field.enum)
          : randomOfType(field.type, random, depth + 1);
  }
  return object;
}

function randomScalar(type: string, random: Random): unknown {
  if (random.chance(0.03)) return structuredClone(random.pick(anything));
  switch (type) {
    case "int32":
    case "int64":
    case "double":
      return random.pick(numbers);
    case "bool":
      return random.chance(0.5);
    case "intstr":
      return random.chance(0.5) ? random.pick(numbers) : random.pick(texts);
    case "quantity":
      return random.pick(["1", "100m", "1Gi", "0", "-1", "1e3", "1.5", "9223372036854775807", "1n"]);
    case "time":
    case "microtime":
      return random.pick(["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000001Z"]);
    case "bytes":
      return random.pick(["", "Zg==", "YWJj"]);
    case "any":
    case "object":
    case "raw":
      return random.pick([{}, { a: 1 }, { apiVersion: "v1", kind: "Pod", metadata: { name: "a" } }]);
    default:
      return random.pick(texts);
  }
}

/** The same value with a few of its parts replaced, removed or doubled. */
export function mutated(value: unknown, random: Random, times: number): unknown {
  const copy = structuredClone(value);
  for (let time = 0; time < times; time++) mutateOnce(copy, random);
  return copy;
}

function mutateOnce(value: unknown, random: Random): void {
  let at = value as Record<string, unknown>;
  for (;;) {
    if (typeof at !== "object" || at === null) return;
    const keys = Object.keys(at);
    if (keys.length === 0) return;
    const key = random.pick(keys);
    const inner = at[key];
    if (typeof inner === "object" && inner !== null && random.chance(0.75)) {
      at = inner as Record<string, unknown>;
      continue;
    }
    const how = random.below(4);
    if (how === 0) delete at[key];
    else if (how === 1) at[`${key}x`] = inner;
    else at[key] = structuredClone(random.pick(random.chance(0.5) ? anything : [...texts, ...numbers]));
    return;
  }
}

/** Paths into a value, as JSON pointers. */
export function pointers(value: unknown, prefix = ""): string[] {
  if (typeof value !== "object" || value === null) return [prefix];
  const inner = Object.entries(value).flatMap(([key, member]) =>
    pointers(member, `${prefix}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`),
  );
  return [prefix, ...inner];
}
