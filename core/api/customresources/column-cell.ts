import { isExactInteger } from "../json/raw-number.ts";
import { isJsonObject } from "../json/json-value.ts";
import type { Column } from "../kinds/kind.ts";
import type { Cell, CellValue } from "../table/cell.ts";
import { formatAge, parseTime } from "../time/timestamp.ts";
import { parseJsonPath } from "./json-path.ts";

/** The cell of a custom resource's column; empty where its path leads nowhere or to something of another type. */
export function columnCell(column: Column): Cell {
  const path = parseJsonPath(column.jsonPath ?? "");
  return (object, now) => {
    const value = path?.(object)[0];
    return value === undefined ? null : cellOf(column.type, value, now);
  };
}

function cellOf(type: string, value: unknown, now: number): CellValue {
  switch (type) {
    case "integer":
      // It writes itself as the number that it is.
      if (isExactInteger(value)) return value as unknown as number;
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      if (isExactInteger(value)) return Number(value.rawJSON);
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? dateCell(value, now) : null;
    default:
      return textOf(value);
  }
}

function dateCell(value: string, now: number): string {
  const isNone = value === "" || value === "null";
  return isNone || parseTime(value) !== undefined ? formatAge(value, now) : "<invalid>";
}

/** As Go writes it: members in order, and nothing in JSON that HTML would read as its own. */
function textOf(value: unknown): string {
  if (value === null) return "<no value>";
  if (typeof value === "string") return value;
  const text = JSON.stringify(value, (_, member: unknown) =>
    isJsonObject(member) ? inOrder(member) : member,
  );
  if (typeof value !== "object" || isExactInteger(value)) return text;
  return text.replaceAll(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function inOrder(object: object): object {
  if (isExactInteger(object)) return object;
  return Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
