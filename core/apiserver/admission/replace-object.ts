import { decodeObject, deepCopy, deepEqual, type JsonObject } from "../../api/index.ts";
import { setDefaults } from "../registry/object-checks.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionRequest } from "./admission.ts";

/** Who an object is was settled before anybody was asked about it. */
const identity = ["name", "generateName", "namespace", "uid"] as const;

/**
 * Makes the request's object equal to what a mutation made of it, in place: others hold on to it. The result is decoded and
 * defaulted as if a caller had sent it, so that no mutation brings in what a request could not.
 * @returns whether anything has changed
 * @throws Error when it would become another object
 */
export function replaceObject({ kind, object }: AdmissionRequest, next: unknown): boolean {
  const target = object!;
  if (deepEqual(target, next)) return false;
  const decoded = decodeObject<Draft>(kind, { value: deepCopy(next) }, "Ignore").object;
  setDefaults(kind, decoded);
  for (const field of identity)
    if (decoded.metadata[field] !== target.metadata[field])
      throw new Error(`a mutation may not change metadata.${field}`);
  if (deepEqual(target, decoded)) return false;
  const metadata = { ...decoded.metadata };
  refill(target.metadata as unknown as JsonObject, metadata);
  refill(target, { ...decoded, metadata: target.metadata });
  return true;
}

function refill(target: JsonObject, source: JsonObject): void {
  for (const key of Object.keys(target)) if (!Object.hasOwn(source, key)) delete target[key];
  Object.assign(target, source);
}
