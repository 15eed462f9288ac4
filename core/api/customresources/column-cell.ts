import { isExactInteger } from "../json/raw-number.ts";
import type { Column } from "../kinds/kind.ts";
import type { Cell, CellValue } from "../table/cell.ts";
import { formatAge } from "../time/timestamp.ts";
import { parseJsonPath } from "./json-path.ts";

/** The cell of a custom resource's column; empty where its path leads nowhere or to something of another type. */
export function columnCell(column: Column): Cell {
  const path = parseJsonPath(column.jsonPath ?? "");
  return (object, now) => {
    const value = path?.(object)[0];
    return value === undefined || value === null ? null : cellOf(column.type, value, now);
  };
}

function cellOf(type: string, value: unknown, now: number): CellValue {
  switch (type) {
    case "integer":
      if (isExactInteger(value)) return value.rawJSON;
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? formatAge(value, now) : null;
    default:
      return typeof value === "string" ? value : JSON.stringify(value);
  }
}
