import { decodeObject, deepEqual, type JsonObject } from "../../api/index.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionRequest } from "./admission.ts";

/**
 * Makes the request's object equal to what a mutation made of it, in place: others hold on to it. The result is decoded as if
 * a caller had sent it, so that no mutation brings in what a request could not.
 * @returns whether anything has changed
 */
export function replaceObject({ kind, object }: AdmissionRequest, next: unknown): boolean {
  const target = object!;
  if (deepEqual(target, next)) return false;
  const decoded = decodeObject<Draft>(kind, { value: next }, "Ignore").object;
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
