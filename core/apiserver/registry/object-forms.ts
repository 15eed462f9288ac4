import type { JsonObject, Kind } from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import type { Draft } from "./object-meta.ts";

/** Brings objects into the version of this kind, in their order; those handed over stay as they are. */
export type Convert = (to: Kind, objects: readonly JsonObject[]) => Promise<JsonObject[]>;

/** Brings objects between the form in which they are stored and the one in which a kind's clients see them. */
export interface ObjectForms {
  /** As clients of the kind see them, in their order; the same ones where nothing differs. */
  seen(kind: Kind, objects: readonly CachedObject[]): Promise<readonly CachedObject[]>;
  stored(kind: Kind, object: Draft): Promise<Draft>;
  /** Objects of another version of a custom kind, with the defaults of this one, and nothing pruned. */
  readonly inVersion: Convert;
  /** It lies there in another form than it would be written in now. */
  isStale(kind: Kind, stored: CachedObject): boolean;
}

/** Of kinds that have one form. */
export const oneForm: ObjectForms = {
  seen: (_kind, objects) => Promise.resolve(objects),
  stored: (_kind, object) => Promise.resolve(object),
  inVersion: (_kind, objects) => Promise.resolve([...objects]),
  isStale: () => false,
};
