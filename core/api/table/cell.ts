import { isJsonObject, type JsonObject, ownMember } from "../json/json-value.ts";
import { formatAge } from "../time/timestamp.ts";

export type CellValue = string | number | boolean | null;

/** Computes one cell of an object's row; `now` are milliseconds since 1970. */
export type Cell<T = JsonObject> = (object: T, now: number) => CellValue;

/** The cells of a type by column name; a text is the path of the value, `<none>` where there is none. */
export type Cells<T = JsonObject> = Readonly<Record<string, Cell<T> | string>>;

/** A table of cells for objects of one type, seen as one for any object: only rows of that type reach it. */
export function cellsOf<T>(cells: Cells<T>): Cells {
  return cells as unknown as Cells;
}

/** What stands at a dotted path, or undefined. */
export function valueAt(object: JsonObject, path: string): unknown {
  let value: unknown = object;
  for (const name of path.split(".")) value = isJsonObject(value) ? ownMember(value, name) : undefined;
  return value;
}

/** The value at a path as a cell: lists joined by commas, `<none>` for nothing. */
export function pathCell(path: string): Cell {
  return (object) => {
    const value = valueAt(object, path);
    if (value === undefined || value === null || value === "") return "<none>";
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
    return Array.isArray(value) ? joined(value.map((item) => String(item))) : JSON.stringify(value);
  };
}

/** The text at a path, empty where there is none. */
export function textCell(path: string): Cell<object> {
  return (object) => (valueAt(object as JsonObject, path) as string | undefined) ?? "";
}

/** `a,b`, or `<none>`; with `most`, the rest is counted: `a,b + 3 more...`. */
export function joined(items: readonly string[] | undefined, most = Number.POSITIVE_INFINITY): string {
  if (!items || items.length === 0) return "<none>";
  if (items.length <= most) return items.join(",");
  return `${items.slice(0, most).join(",")} + ${items.length - most} more...`;
}

export const ageCell: Cell = (object, now) =>
  formatAge(valueAt(object, "metadata.creationTimestamp") as string, now);

/** `key=value,…` of labels or a node selector. */
export function pairs(map: Readonly<Record<string, string>> | undefined): string {
  return joined(
    Object.entries(map ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .toSorted(),
  );
}

export function countOf(value: object | readonly unknown[] | undefined): number {
  return value ? Object.keys(value).length : 0;
}

/** Where a load balancer takes traffic, each point once and in order. */
export function ingressPoints(points: readonly { ip?: string; hostname?: string }[] | undefined): string[] {
  const told = (points ?? []).flatMap(({ ip, hostname }) => ip || hostname || []);
  return [...new Set(told)].toSorted();
}
