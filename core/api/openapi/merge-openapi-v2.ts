import { deepEqual, isJsonObject, type JsonObject, ownMember, setMember } from "../json/json-value.ts";

/** What the rest of a document refers to. */
const sections = ["definitions", "parameters"] as const;
const reference = new RegExp(`^#/(${sections.join("|")})/(.+)$`);
/** The kinds that a definition stands for: shared ones stand for those of every server. */
const kindsKey = "x-kubernetes-group-version-kind";

/**
 * `own` with the paths at and below `root` of another server's document, and with what these refer to. A path that is
 * there already stays as it is. What has the same name and says the same is shared; what says something else comes in as
 * `name_v2`, and whatever refers to it follows.
 */
export function mergeOpenApiV2(own: JsonObject, other: JsonObject, root: string): JsonObject {
  const paths = { ...objectAt(own, "paths") };
  const added = Object.entries(objectAt(other, "paths")).filter(
    ([path]) => (path === root || path.startsWith(`${root}/`)) && !Object.hasOwn(paths, path),
  );
  const needed = reachable(added, other);
  const names = newNames(needed, own);
  for (const [path, item] of added) setMember(paths, path, renamed(item, names));
  const merged: JsonObject = { ...own, paths };
  for (const section of sections) if (own[section]) merged[section] = { ...objectAt(own, section) };
  for (const [ref, part] of needed) {
    const target = names.get(ref) ?? ref;
    const there = partAt(own, target);
    const [section, name] = placeOf(target);
    merged[section] ??= {};
    setMember(
      merged[section] as JsonObject,
      name,
      there === undefined ? renamed(part, names) : withKindsOf(there, part),
    );
  }
  return merged;
}

/** Everything that is referred to from there, by reference. What is not in the document is left to who wrote it. */
function reachable(from: unknown, document: JsonObject): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const open = [...refsOf(from)];
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    const part = found.has(ref) ? undefined : partAt(document, ref);
    if (part === undefined) continue;
    found.set(ref, part);
    open.push(...refsOf(part));
  }
  return found;
}

/** For what cannot keep its name: it says something else here, or refers to what does. */
function newNames(needed: ReadonlyMap<string, unknown>, own: JsonObject): Map<string, string> {
  const clashing = new Set<string>();
  for (let before = -1; before < clashing.size;) {
    before = clashing.size;
    for (const [ref, part] of needed) {
      const there = partAt(own, ref);
      if (there === undefined) continue;
      if (!saysTheSame(there, part) || [...refsOf(part)].some((one) => clashing.has(one))) clashing.add(ref);
    }
  }
  const names = new Map<string, string>();
  for (const ref of clashing) {
    const part = needed.get(ref);
    // Another server may have brought the same.
    const mayShare = ![...refsOf(part)].some((one) => clashing.has(one));
    const isFree = (name: string): boolean => {
      const there = partAt(own, name);
      return !needed.has(name) && (there === undefined || (mayShare && saysTheSame(there, part)));
    };
    let number = 2;
    while (!isFree(`${ref}_v${number}`)) number++;
    names.set(ref, `${ref}_v${number}`);
  }
  return names;
}

function* refsOf(value: unknown): Iterable<string> {
  if (Array.isArray(value)) for (const item of value) yield* refsOf(item);
  else if (isJsonObject(value))
    for (const [key, member] of Object.entries(value)) {
      if (key === "$ref" && typeof member === "string") {
        if (reference.test(member)) yield member;
      } else yield* refsOf(member);
    }
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (names.size === 0) return value;
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    const isRef = key === "$ref" && typeof member === "string";
    setMember(copy, key, isRef ? (names.get(member) ?? member) : renamed(member, names));
  }
  return copy;
}

function saysTheSame(a: unknown, b: unknown): boolean {
  if (!isJsonObject(a) || !isJsonObject(b)) return deepEqual(a, b);
  const { [kindsKey]: _a, ...ofA } = a;
  const { [kindsKey]: _b, ...ofB } = b;
  return deepEqual(ofA, ofB);
}

function withKindsOf(there: unknown, part: unknown): unknown {
  if (!isJsonObject(there) || !isJsonObject(part)) return there;
  const known = listAt(there, kindsKey);
  const more = listAt(part, kindsKey).filter((kind) => !known.some((one) => deepEqual(one, kind)));
  return more.length === 0 ? there : { ...there, [kindsKey]: [...known, ...more] };
}

function placeOf(ref: string): [section: string, name: string] {
  const [, section = "", name = ""] = reference.exec(ref) ?? [];
  return [section, name.replaceAll("~1", "/").replaceAll("~0", "~")];
}

function partAt(document: JsonObject, ref: string): unknown {
  const [section, name] = placeOf(ref);
  return ownMember(objectAt(document, section), name);
}

function objectAt(document: JsonObject, key: string): JsonObject {
  const value = ownMember(document, key);
  return isJsonObject(value) ? value : {};
}

function listAt(part: JsonObject, key: string): readonly unknown[] {
  const value = part[key];
  return Array.isArray(value) ? value : [];
}
