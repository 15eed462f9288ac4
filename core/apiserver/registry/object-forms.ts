import type { Kind } from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import type { Draft } from "./object-meta.ts";

/** Brings objects between the form in which they are stored and the one in which a kind's clients see them. */
export interface ObjectForms {
  /** As clients of the kind see them, in their order; the same ones where nothing differs. */
  seen(kind: Kind, objects: readonly CachedObject[]): Promise<readonly CachedObject[]>;
  stored(kind: Kind, object: Draft): Promise<Draft>;
  /** It lies there in another form than it would be written in now. */
  isStale(kind: Kind, stored: CachedObject): boolean;
}

/** Of kinds that have one form. */
export const oneForm: ObjectForms = {
  seen: (_kind, objects) => Promise.resolve(objects),
  stored: (_kind, object) => Promise.resolve(object),
  isStale: () => false,
};
