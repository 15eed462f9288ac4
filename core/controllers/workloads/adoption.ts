import type { ApiObject } from "../../client/contracts.ts";
import { controllerUid } from "../shared/cluster-informers.ts";

export interface Manager {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly isDying: boolean;
}

/** How the objects that may be a manager's stand to it. */
export interface Claims<T> {
  /** Its own, and match. */
  readonly kept: readonly T[];
  /** Match, and are nobody's. */
  readonly adopted: readonly T[];
  /** Its own, but no longer match. */
  readonly released: readonly T[];
}

export function sortClaims<T extends ApiObject>(
  manager: Manager,
  objects: readonly T[],
  matches: (object: T) => boolean,
): Claims<T> {
  const kept: T[] = [];
  const adopted: T[] = [];
  const released: T[] = [];
  for (const object of objects) {
    const [owner] = controllerUid(object);
    const isMatch = matches(object);
    if (owner === manager.uid) (isMatch ? kept : released).push(object);
    else if (owner === undefined && isMatch && !manager.isDying && !object.metadata?.deletionTimestamp) {
      adopted.push(object);
    }
  }
  return { kept, adopted, released };
}

export function ownerReference({ apiVersion, kind, name, uid }: Manager) {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Merge patches that make an object the manager's, or nobody's; refused when it changed meanwhile. */
export function adoptionPatch(manager: Manager, { metadata = {} }: ApiObject): unknown {
  const ownerReferences = [...(metadata.ownerReferences ?? []), ownerReference(manager)];
  return { metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, ownerReferences } };
}

export function releasePatch(manager: Manager, { metadata = {} }: ApiObject): unknown {
  const ownerReferences = (metadata.ownerReferences ?? []).filter(({ uid }) => uid !== manager.uid);
  return { metadata: { uid: metadata.uid, resourceVersion: metadata.resourceVersion, ownerReferences } };
}
