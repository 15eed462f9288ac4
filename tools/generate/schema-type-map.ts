import * as models from "@kubernetes/client-node/dist/gen/models/all.js";

interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

const attributesOf = (name: string): readonly Attribute[] | undefined =>
  (models as unknown as Record<string, { attributeTypeMap?: readonly Attribute[] } | undefined>)[name]
    ?.attributeTypeMap;

/**
 * Name of the class that holds type `core.v1.Pod` in `@kubernetes/client-node` (`V1Pod`, or `CoreV1Event` where groups
 * share a name), or undefined for types that map lacks.
 */
export function className(type: string): string | undefined {
  const [group, version, kind] = type.split(".");
  if (!kind || group === "audit" || group === "metrics" || group === "berth") return undefined;
  const name = capitalised(version!) + kind;
  return [capitalised(group!) + name, name].find((candidate) => attributesOf(candidate));
}

/** Reads the type of a field from the runtime type map; `types` are all type names the tables know. */
export function typeMap(types: readonly string[]): (type: string, field: string) => string | undefined {
  const typeOfClass = new Map(types.map((type) => [className(type), type]));
  const convert = (text: string, format: string): string | undefined => {
    const list = /^Array<(.*)>$/.exec(text)?.[1];
    if (list) return wrap("[]", convert(list, format));
    const map = /^\{ \[key: string\]: (.*); \}$/.exec(text)?.[1];
    if (map) return wrap("{}", convert(map, format));
    if (text === "string") return format === "byte" ? "bytes" : "string";
    if (text === "number") return format === "int64" ? "int64" : format === "double" ? "double" : "int32";
    return basicTypes.get(text) ?? typeOfClass.get(text);
  };
  return (type, field) => {
    const name = className(type);
    const attribute = name && attributesOf(name)!.find((candidate) => candidate.baseName === field);
    return attribute ? convert(attribute.type, attribute.format) : undefined;
  };
}

const basicTypes = new Map([
  ["boolean", "bool"],
  ["Date", "time"],
  ["V1MicroTime", "microtime"],
  ["IntOrString", "intstr"],
  ["any", "any"],
  ["object", "object"],
]);

const wrap = (prefix: string, inner: string | undefined): string | undefined => inner && prefix + inner;
const capitalised = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
