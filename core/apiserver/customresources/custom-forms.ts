import {
  deepCopy,
  fillDefaults,
  groupVersion,
  type JsonObject,
  type Kind,
  structureCustom,
} from "../../api/index.ts";
import { CachedObject } from "../cache/cached-object.ts";
import type { Convert, ObjectForms } from "../registry/object-forms.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { ServedKinds } from "./served-kinds.ts";

/**
 * Custom objects between the store and their clients: what lies there may be of another version, or older than a default
 * or a field's removal.
 */
export class CustomForms implements ObjectForms {
  readonly #served: ServedKinds;
  readonly #convert: Convert;
  readonly #views = new WeakMap<CachedObject, Map<string, CachedObject>>();

  constructor(served: ServedKinds, convert: Convert) {
    this.#served = served;
    this.#convert = convert;
  }

  async seen(kind: Kind, objects: readonly CachedObject[]): Promise<readonly CachedObject[]> {
    if (!kind.custom) return objects;
    const foreign = objects.filter((one) => !this.#view(kind, one));
    if (foreign.length > 0) await this.#make(kind, foreign);
    return objects.map((one) => this.#view(kind, one)!);
  }

  async stored(kind: Kind, object: Draft): Promise<Draft> {
    if (!kind.custom || kind.version === kind.storageVersion) return object;
    const [converted] = await this.#convert(this.#served.storageKind(kind), [deepCopy(object)]);
    return converted as Draft;
  }

  async inVersion(kind: Kind, objects: readonly JsonObject[]): Promise<JsonObject[]> {
    const converted = await this.#convert(
      kind,
      objects.map((one) => deepCopy(one)),
    );
    for (const one of converted) fillDefaults(kind.custom!.schema, one, true);
    return converted;
  }

  isStale(kind: Kind, stored: CachedObject): boolean {
    return kind.custom !== undefined && !isOfVersion(stored, kind.group, kind.storageVersion!);
  }

  /** What the version in which it is stored has defaults for; other versions add none of their own. */
  #completed(kind: Kind, stored: CachedObject): JsonObject {
    const copy = stored.copy<JsonObject>();
    const { custom } = this.#served.storageKind(kind);
    if (custom) fillDefaults(custom.schema, copy, true);
    return copy;
  }

  #view(kind: Kind, object: CachedObject): CachedObject | undefined {
    if (!kind.custom?.hasDefaults && isOfVersion(object, kind.group, kind.version)) return object;
    return this.#views.get(object)?.get(kind.type);
  }

  async #make(kind: Kind, objects: readonly CachedObject[]): Promise<void> {
    const other = objects.filter((one) => !isOfVersion(one, kind.group, kind.version));
    const converted =
      other.length === 0
        ? []
        : await this.#convert(
            kind,
            other.map((one) => this.#completed(kind, one)),
          );
    const results = new Map(other.map((one, index) => [one, converted[index]!]));
    for (const object of objects) {
      const form = results.get(object) ?? object.copy<JsonObject>();
      structureCustom(kind.custom!.schema, form);
      if (!results.has(object)) fillDefaults(kind.custom!.schema, form, true);
      let views = this.#views.get(object);
      if (!views) this.#views.set(object, (views = new Map()));
      views.set(kind.type, viewOf(object, form));
    }
  }
}

function isOfVersion({ bytes }: CachedObject, group: string, version: string): boolean {
  return bytes.indexOf(`{"apiVersion":"${groupVersion({ group, version })}"`) === 0;
}

/** In the order that stored bytes have, with the revision first in the metadata. */
function viewOf({ key, namespace, name, revision }: CachedObject, form: JsonObject): CachedObject {
  const { apiVersion, kind, metadata, ...rest } = form;
  const meta = { resourceVersion: String(revision), ...(metadata as object) };
  const bytes = Buffer.from(JSON.stringify({ apiVersion, kind, metadata: meta, ...rest }));
  return new CachedObject(key, namespace, name, revision, bytes);
}
