import type { Event } from "../generated/types.ts";
import { formatAge } from "../time/timestamp.ts";
import { type Cells, cellsOf, textCell } from "./cell.ts";

/** An event of `events.k8s.io` may be about nothing. */
const subjectOf = (event: Event): Partial<Event["involvedObject"]> =>
  (event as Partial<Event>).involvedObject ?? {};

function subjectText(event: Event): string {
  const { kind = "", name } = subjectOf(event);
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
}

function sourceText({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || "";
  const instance = source?.host || reportingInstance;
  return instance ? `${component}, ${instance}` : component;
}

/** A newer event tells one time, and of a series the last one. */
const firstSeen = (event: Event): string | undefined => event.firstTimestamp ?? event.eventTime;
const lastSeen = (event: Event): string | undefined =>
  event.series ? event.series.lastObservedTime : (event.lastTimestamp ?? firstSeen(event));

/** Covers both groups: what `events.k8s.io` renamed has its old name under `deprecated…`. */
export const eventCells: Cells = cellsOf<Event>({
  "Last Seen": (event, now) => formatAge(lastSeen(event), now),
  Type: textCell("type"),
  Reason: textCell("reason"),
  Object: subjectText,
  Subobject: (event) => subjectOf(event).fieldPath ?? "",
  Source: sourceText,
  Message: (event) => (event.message ?? "").trim(),
  "First Seen": (event, now) => formatAge(firstSeen(event), now),
  Count: (event) => (event.series ? (event.series.count ?? 0) : event.count || 1),
});
