import type { JsonObject } from "../json/json-value.ts";

/** Names of the same member in `v1` and `events.k8s.io/v1`, which are two views of one stored object. */
const renamed: readonly (readonly [core: string, events: string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["reportingComponent", "reportingController"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
];

/** An Event of `events.k8s.io/v1` as `v1` holds it; that is how it is stored. */
export function eventToCore(event: JsonObject): JsonObject {
  return rename(event, "v1", new Map(renamed.map(([core, events]) => [events, core])));
}

/** A stored Event as `events.k8s.io/v1` shows it. */
export function eventFromCore(event: JsonObject): JsonObject {
  return rename(event, "events.k8s.io/v1", new Map(renamed));
}

function rename(event: JsonObject, apiVersion: string, names: ReadonlyMap<string, string>): JsonObject {
  const members = Object.entries(event).map(([key, value]) => [names.get(key) ?? key, value]);
  return { ...(Object.fromEntries(members) as JsonObject), apiVersion };
}
