import { isJsonObject, type JsonObject, ownMember, setMember } from "../json/json-value.ts";

/**
 * Fields by path, in the form of `fieldsV1`: `f:name` for a member, `k:{"name":"web"}` for an item of a list with keys,
 * `v:"x"` for an item of a set. What has nothing below it is in the set, as is what has `.` below it. Nobody may change one.
 */
export type FieldSet = JsonObject;

export const noFields: FieldSet = {};
const itself = ".";

export function isNothing(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether a node below the root is in its set, besides what is below it. */
export function isMember(node: FieldSet): boolean {
  return Object.hasOwn(node, itself) || isNothing(node);
}

/** What the caller sent, without what cannot be a set. */
export function fieldSetOf(fieldsV1: unknown): FieldSet {
  return isJsonObject(fieldsV1) ? fieldsV1 : noFields;
}

/** The node that a set has for an element. */
export function below(set: FieldSet, element: string): FieldSet | undefined {
  const node = ownMember(set, element);
  return isJsonObject(node) ? node : undefined;
}

/** Elements of the fields right below. */
export function elementsOf(set: FieldSet): string[] {
  return Object.keys(set).filter((element) => element !== itself);
}

/** What is in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isNothing(a)) return b;
  if (isNothing(b)) return a;
  const sum: FieldSet = isTop(a) || isTop(b) ? { [itself]: {} } : {};
  for (const element of new Set([...elementsOf(a), ...elementsOf(b)])) {
    const [left, right] = [below(a, element), below(b, element)];
    setMember(sum, element, left && right ? unionBelow(left, right) : (left ?? right)!);
  }
  return sum;
}

function isTop(set: FieldSet): boolean {
  return Object.hasOwn(set, itself);
}

function unionBelow(a: FieldSet, b: FieldSet): FieldSet {
  const sum = union(a, b);
  if (isNothing(sum) || isTop(sum)) return sum;
  return isMember(a) || isMember(b) ? { [itself]: {}, ...sum } : sum;
}

/** What is in the first and not in the second. */
export function without(a: FieldSet, b: FieldSet): FieldSet {
  return select(a, b, (inSecond) => !inSecond) ?? noFields;
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return select(a, b, (inSecond) => inSecond) ?? noFields;
}

/** The root is in no set. */
function select(
  a: FieldSet,
  b: FieldSet | undefined,
  isWanted: (inSecond: boolean) => boolean,
  isRoot = true,
): FieldSet | undefined {
  if (b === undefined) return isWanted(false) ? a : undefined;
  const chosen: FieldSet = {};
  const keepsSelf = !isRoot && isMember(a) && isWanted(isMember(b));
  for (const element of elementsOf(a)) {
    const node = select(below(a, element) ?? noFields, below(b, element), isWanted, false);
    if (node) setMember(chosen, element, node);
  }
  if (isNothing(chosen)) return keepsSelf ? chosen : undefined;
  return keepsSelf ? { [itself]: {}, ...chosen } : chosen;
}

/** The paths in a set, each as its elements: those right below first, all by name. */
export function* pathsIn(set: FieldSet, at: readonly string[] = []): Iterable<readonly string[]> {
  const elements = elementsOf(set).toSorted();
  for (const element of elements) if (isMember(below(set, element) ?? noFields)) yield [...at, element];
  for (const element of elements) yield* pathsIn(below(set, element) ?? noFields, [...at, element]);
}

/** `.spec.containers[name="web"].image`, as conflicts are told. */
export function shownPath(path: readonly string[]): string {
  return path.map(shownElement).join("");
}

function shownElement(element: string): string {
  const text = element.slice(2);
  if (element.startsWith("f:")) return `.${text}`;
  if (element.startsWith("v:")) return `[=${text}]`;
  const keys = Object.entries(JSON.parse(text) as JsonObject);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}]`;
}
