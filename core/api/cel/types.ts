/** A type of the Common Expression Language as the checker knows it. */
export interface CelType {
  readonly kind: "dyn" | "simple" | "list" | "map" | "optional" | "type" | "param" | "object";
  /** How messages show it: `list(string)`. */
  readonly name: string;
  /** Element of a list or optional; key and value of a map. */
  readonly of: readonly CelType[];
  /** Declared fields of an object; one without takes any field. */
  readonly fields?: ReadonlyMap<string, CelField>;
}

export interface CelField {
  readonly type: CelType;
  /** Its name in JSON; CEL's may be escaped. */
  readonly json: string;
}

const simple = (name: string): CelType => ({ kind: "simple", name, of: [] });

export const dynType: CelType = { kind: "dyn", name: "dyn", of: [] };
export const boolType = simple("bool");
export const intType = simple("int");
export const uintType = simple("uint");
export const doubleType = simple("double");
export const stringType = simple("string");
export const bytesType = simple("bytes");
export const nullType = simple("null");
export const timestampType = simple("timestamp");
export const durationType = simple("duration");
export const typeType: CelType = { kind: "type", name: "type", of: [] };

export function listOf(element: CelType): CelType {
  return { kind: "list", name: `list(${element.name})`, of: [element] };
}

export function mapOf(key: CelType, value: CelType): CelType {
  return { kind: "map", name: `map(${key.name}, ${value.name})`, of: [key, value] };
}

export function optionalOf(value: CelType): CelType {
  return { kind: "optional", name: `optional_type(${value.name})`, of: [value] };
}

export function objectType(name: string, fields?: ReadonlyMap<string, CelField>): CelType {
  return fields ? { kind: "object", name, of: [], fields } : { kind: "object", name, of: [] };
}

const named: ReadonlyMap<string, CelType> = new Map([
  ...[dynType, boolType, intType, uintType, doubleType, stringType, bytesType, nullType, timestampType]
    .concat(durationType, typeType)
    .map((type) => [type.name, type] as const),
]);

/** Reads `map<K,list<V>>`; one capital letter is a parameter, an unknown name a type of its own. */
export function parseType(text: string): CelType {
  const found = named.get(text);
  if (found) return found;
  if (/^[A-Z]$/.test(text)) return { kind: "param", name: text, of: [] };
  const generic = /^(list|map|optional)<(.+)>$/.exec(text);
  if (!generic) return simple(text);
  const inner = splitTypes(generic[2]!).map(parseType);
  if (generic[1] === "list") return listOf(inner[0]!);
  return generic[1] === "map" ? mapOf(inner[0]!, inner[1]!) : optionalOf(inner[0]!);
}

/** Splits at commas that stand outside of angle brackets. */
export function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (char === "<") depth++;
    else if (char === ">") depth--;
    else if (at === text.length || (char === "," && depth === 0)) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return parts.filter((part) => part !== "");
}

/** What the parameters of a signature turned out to be. */
export type Bindings = Map<string, CelType>;

/** Whether a value of one type can stand where another is expected; binds parameters on the way. */
export function isAssignable(to: CelType, from: CelType, bindings: Bindings): boolean {
  if (from.kind === "param") return true;
  if (to.kind === "param") {
    const bound = bindings.get(to.name);
    if (!bound || (bound.kind === "dyn" && from.kind !== "dyn")) {
      bindings.set(to.name, from);
      return true;
    }
    if (isAssignable(bound, from, bindings)) return true;
    if (!isAssignable(from, bound, bindings)) return false;
    bindings.set(to.name, from);
    return true;
  }
  if (to.kind === "dyn" || from.kind === "dyn") return true;
  if (from === nullType && !(to.kind === "simple" && scalars.has(to.name)))
    return to.kind !== "list" && to.kind !== "map";
  if (to.kind !== from.kind) return false;
  if (to.kind === "list" || to.kind === "map" || to.kind === "optional")
    return to.of.every((one, at) => isAssignable(one, from.of[at]!, bindings));
  return to.kind === "type" || to.name === from.name;
}

const scalars: ReadonlySet<string> = new Set(["bool", "int", "uint", "double", "string", "bytes", "type"]);

/** A signature's type with its parameters filled in; those never bound are dyn. */
export function substitute(type: CelType, bindings: Bindings): CelType {
  if (type.kind === "param") return bindings.get(type.name) ?? dynType;
  if (type.of.length === 0) return type;
  const inner = type.of.map((one) => substitute(one, bindings));
  if (type.kind === "list") return listOf(inner[0]!);
  return type.kind === "map" ? mapOf(inner[0]!, inner[1]!) : optionalOf(inner[0]!);
}

/** The one type of two branches; undefined when they have none in common. */
export function joinTypes(a: CelType, b: CelType): CelType | undefined {
  if (a.kind === "dyn" || b.kind === "dyn") return dynType;
  if (isAssignable(a, b, new Map())) return isEmptyAggregate(a) ? b : a;
  return isAssignable(b, a, new Map()) ? b : undefined;
}

function isEmptyAggregate({ of }: CelType): boolean {
  return of.some(({ kind }) => kind === "param");
}
