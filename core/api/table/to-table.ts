import type { ObjectMeta, Pod, Table, TableColumnDefinition, TableRowCondition } from "../generated/types.ts";
import { columnCell } from "../customresources/column-cell.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { Column, Kind } from "../kinds/kind.ts";
import { eventToCore } from "../objects/convert-event.ts";
import { columnDescription } from "./column-description.ts";
import { berthCells } from "./berth-cells.ts";
import { ageCell, type Cell, type Cells, type CellValue, pathCell, valueAt } from "./cell.ts";
import { claimCells, nodeCells, serviceCells, smallCoreCells, volumeCells } from "./core-cells.ts";
import { eventCells } from "./event-cells.ts";
import { otherCells } from "./other-cells.ts";
import { podCells, podConditions } from "./pod-cells.ts";
import { workloadCells } from "./workload-cells.ts";

export interface TableOptions {
  /** Milliseconds since 1970: ages are counted to it. */
  readonly now: number;
  /** What each row carries of its object; `Metadata` when the client did not say. */
  readonly includeObject?: "None" | "Metadata" | "Object";
  /** `metadata` of the list the objects came from. */
  readonly metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  /** Rows of a watch after the first repeat no column definitions. */
  readonly withoutColumns?: boolean;
}

/** What is printed of a type. */
export type Printed = Pick<Kind, "type" | "columns">;

/** Objects of a kind as `kubectl get` prints them (`meta.k8s.io/v1`, Table). */
export function toTable(kind: Printed, objects: readonly JsonObject[], options: TableOptions): Table {
  const row = rowOf(kind);
  const listed = inOrder(kind, objects);
  // Who has no columns of its own has no rows either, rather than none.
  const isPlain = kind.columns.at(-1)?.name === "Created At";
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: options.metadata ?? {},
    // Nothing at all is null on the wire, though the published types say otherwise.
    columnDefinitions: options.withoutColumns ? null! : kind.columns.map(definition),
    rows:
      isPlain && listed.length === 0
        ? null!
        : listed.map((object) => ({
            // The published type says objects; the wire has plain values.
            cells: row(object, options.now) as unknown as Record<string, unknown>[],
            ...conditionsOf(kind, object),
            object: rowObject(object, options.includeObject ?? "Metadata"),
          })),
  };
}

/** Computes the cells of one object of the kind, in the order of its columns. */
export function rowOf(kind: Printed): (object: JsonObject, now: number) => CellValue[] {
  const cells = cellsByType[kind.type] ?? {};
  const compute = kind.columns.map((column) => cellOf(column, cells));
  // Upstream has no column for the age that it tells of them.
  if (kind.type.endsWith(".IPAddress")) compute.push(ageCell);
  const view = kind.type === "events.v1.Event" ? eventToCore : undefined;
  return (object, now) => {
    const seen = view ? view(object) : object;
    return compute.map((cell) => cell(seen, now));
  };
}

const cellsByType: Readonly<Record<string, Cells>> = {
  "core.v1.Pod": podCells,
  "core.v1.Node": nodeCells,
  "core.v1.PersistentVolumeClaim": claimCells,
  "core.v1.PersistentVolume": volumeCells,
  "core.v1.Service": serviceCells,
  "core.v1.Event": eventCells,
  "events.v1.Event": eventCells,
  ...smallCoreCells,
  ...workloadCells,
  ...otherCells,
  ...berthCells,
};

const commonCells: Cells = {
  Name: "metadata.name",
  Age: ageCell,
  "Created At": "metadata.creationTimestamp",
};

function cellOf(column: Column, cells: Cells): Cell {
  if (column.jsonPath !== undefined) return columnCell(column);
  const cell = cells[column.name] ?? column.path ?? commonCells[column.name] ?? (() => "<none>");
  return typeof cell === "string" ? pathCell(cell) : cell;
}

function definition(column: Column): TableColumnDefinition {
  const { name, type, format, priority } = column;
  return { name, type, format, description: columnDescription(column), priority };
}

/** Flow schemas stand in the order in which requests are matched. */
function inOrder({ type }: Printed, objects: readonly JsonObject[]): readonly JsonObject[] {
  if (type !== "flowcontrol.v1.FlowSchema") return objects;
  const precedence = (object: JsonObject): number =>
    (valueAt(object, "spec.matchingPrecedence") ?? 0) as number;
  const name = (object: JsonObject): string => (valueAt(object, "metadata.name") ?? "") as string;
  return objects.toSorted((a, b) => precedence(a) - precedence(b) || (name(a) < name(b) ? -1 : 1));
}

function conditionsOf({ type }: Printed, object: JsonObject): { conditions?: TableRowCondition[] } {
  const conditions = type === "core.v1.Pod" ? podConditions(object as unknown as Pod) : undefined;
  return conditions ? { conditions } : {};
}

function rowObject(object: JsonObject, include: "None" | "Metadata" | "Object"): JsonObject {
  if (include === "None") return null!;
  if (include === "Object") return object;
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: plainMetadata(object) };
}

const templateGeneration = "deprecated.daemonset.template.generation";

/** An object's metadata by itself: what a version writes into it of other members is left out. */
export function plainMetadata({ kind, metadata }: JsonObject): ObjectMeta | undefined {
  const told = metadata as ObjectMeta | undefined;
  if (kind !== "DaemonSet" || told?.annotations?.[templateGeneration] === undefined) return told;
  const { [templateGeneration]: _, ...annotations } = told.annotations;
  const { annotations: _all, ...rest } = told;
  return Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest;
}
