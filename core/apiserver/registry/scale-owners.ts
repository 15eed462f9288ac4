import {
  deepCopy,
  isJsonObject,
  type JsonObject,
  type Kind,
  type ManagedFieldsEntry,
  simplePath,
} from "../../api/index.ts";
import type { Draft } from "./object-meta.ts";

function replicasPath({ custom }: Kind): readonly string[] {
  return custom?.scale ? (simplePath(custom.scale.replicas) ?? []) : ["spec", "replicas"];
}

/** Whether an owner of an object's fields is one that its scale shows. */
export function ownsReplicas(kind: Kind, { fieldsV1 }: ManagedFieldsEntry): boolean {
  let fields: unknown = fieldsV1;
  for (const name of replicasPath(kind)) fields = isJsonObject(fields) ? fields[`f:${name}`] : undefined;
  return fields !== undefined;
}

/** A scale does not write that there are no replicas: nobody owns them then. */
export function asScaleShows(kind: Kind, object: Draft): Draft {
  const path = replicasPath(kind);
  const copy = deepCopy(object);
  let holder: JsonObject = copy;
  for (const name of path.slice(0, -1)) {
    if (!isJsonObject(holder[name])) return object;
    holder = holder[name];
  }
  if (holder[path.at(-1) ?? ""] !== 0) return object;
  delete holder[path.at(-1)!];
  return copy;
}

/** Who writes through the scale is not said to have written at any time: only times of before are kept. */
export function timedAsBefore(
  entries: readonly ManagedFieldsEntry[],
  before: readonly ManagedFieldsEntry[],
): ManagedFieldsEntry[] {
  const nameOf = ({ manager, operation, apiVersion, subresource = "" }: ManagedFieldsEntry): string =>
    JSON.stringify([manager, operation, apiVersion, subresource]);
  const times = new Map(before.map((entry) => [nameOf(entry), entry.time]));
  return entries.map(({ time: _, ...entry }) => {
    const time = times.get(nameOf(entry));
    return time === undefined ? entry : { ...entry, time };
  });
}
