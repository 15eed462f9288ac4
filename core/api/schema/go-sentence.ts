import { goText, jsonKind } from "../json/go-text.ts";
import { isExactInteger } from "../json/raw-number.ts";
import { elementType, typeSchema } from "./type-schema.ts";

/** What clients of Kubernetes are told of a member that is not of its type; undefined where the schema does not reach. */
export function goSentence(
  root: string,
  path: readonly (string | number)[],
  value: unknown,
): string | undefined {
  let [type, owner]: [string, string] = [root, root];
  const members: string[] = [];
  for (const step of path) {
    const element = elementType(type);
    if (element) {
      type = element.element;
      continue;
    }
    const field = typeSchema(type)?.fields.find(({ name }) => name === step);
    if (!field) return undefined;
    members.push(field.name);
    [owner, type] = [type, field.type];
  }
  if (members.length === 0) return undefined;
  const own = texts[type];
  if (own && typeof value === "string") return own(value);
  const struct = owner.slice(owner.lastIndexOf(".") + 1);
  const isWhole = type === "int32" || type === "int64" || type === "intstr";
  return `json: cannot unmarshal ${kindOf(value, isWhole)} into Go struct field ${struct}.${members.join(".")} of type ${goType(type)}`;
}

/** Types that read their text themselves. */
const texts: Readonly<Record<string, (text: string) => string>> = {
  bytes: (text) => `illegal base64 data at input byte ${wrongByte(text)}`,
  time: (text) => wrongTime(text, "2006-01-02T15:04:05Z07:00"),
  microtime: (text) => wrongTime(text, "2006-01-02T15:04:05.000000Z07:00"),
};

function wrongTime(text: string, layout: string): string {
  const shown = JSON.stringify(text);
  return `parsing time ${shown} as ${JSON.stringify(layout)}: cannot parse ${shown} as "2006"`;
}

/** Where decoding stops: at the first character that is no base64, or at the end of what is too short. */
function wrongByte(text: string): number {
  const at = text.search(/[^A-Za-z0-9+/\r\n]/);
  return at < 0 ? text.length - (text.length % 4) : at;
}

function kindOf(value: unknown, isWhole: boolean): string {
  if (isWhole && isExactInteger(value)) return `number ${value.rawJSON}`;
  if (isWhole && typeof value === "number") return `number ${value}`;
  return jsonKind(value);
}

const basicTypes: Readonly<Record<string, string>> = {
  double: "float64",
  bytes: "[]uint8",
  intstr: "int32",
  time: "string",
  microtime: "string",
  duration: "string",
  "{}quantity": "v1.ResourceList",
};

function goType(type: string): string {
  const basic = basicTypes[type];
  if (basic) return basic;
  const element = elementType(type);
  if (element) return `${element.of === "list" ? "[]" : "map[string]"}${goType(element.element)}`;
  // The package is called after the version alone.
  return type.slice(type.indexOf(".") + 1);
}

/** What server-side apply says of a value that is not of its type. */
export function appliedSentence(expected: string, value: unknown): string {
  if (expected === "a list") return `expected list, got &{${goText(value)}}`;
  if (expected === "an object") return `expected map, got &{${goText(value)}}`;
  if (expected === "true or false") return `expected boolean, got &{${goText(value)}}`;
  if (expected.startsWith("a whole number") || expected === "a number")
    return `expected numeric (int or float), got ${jsonKind(value)}`;
  return `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
}

function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (typeof value !== "object" || value === null || isExactInteger(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${goSyntax(member)}`,
  );
  return `map[string]interface {}{${members.join(", ")}}`;
}
