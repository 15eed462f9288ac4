import { decodeObject, deepCopy, deepEqual, type JsonObject } from "../../api/index.ts";
import { setDefaults } from "../registry/object-checks.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionRequest } from "./admission.ts";
import { refill } from "./shown-request.ts";

/** Who an object is was settled before anybody was asked about it. */
const identity = ["name", "generateName", "namespace", "uid"] as const;

/**
 * Makes the request's object equal to what a mutation made of it, in place: others hold on to it. The result is decoded and
 * defaulted as if a caller had sent it, so that no mutation brings in what a request could not.
 * @returns whether anything has changed
 * @throws Error when it would become another object
 */
export async function replaceObject(
  { kind, object, shown }: AdmissionRequest,
  next: unknown,
): Promise<boolean> {
  const target = object!;
  if (deepEqual(target, next)) return false;
  const form = typeof shown === "object" ? shown : undefined;
  const value = deepCopy(next) as JsonObject;
  const decoded = form ? form.decode(value) : decodeObject<Draft>(kind, { value }, "Ignore").object;
  if (!form) setDefaults(kind, decoded);
  decoded.metadata ??= {};
  for (const field of identity)
    if (decoded.metadata[field] !== target.metadata[field])
      throw new Error(`a mutation may not change metadata.${field}`);
  if (deepEqual(target, decoded)) return false;
  refill(target, decoded);
  await form?.accept?.(target);
  return true;
}
