import { CachedObject } from "./cached-object.ts";

export type WatchEventType = "ADDED" | "MODIFIED" | "DELETED";

/** One change of one object. Frames made of it are kept with it, so that a thousand watchers cost one. */
export class CacheEvent {
  readonly revision: number;
  /** After the change; for a deletion the last state, with the revision of the deletion. */
  readonly object: CachedObject;
  readonly previous: CachedObject | undefined;
  readonly deleted: boolean;
  /** None for most: few kinds are watched all the time. */
  #frames: Map<string, Buffer> | undefined;
  #departed: CachedObject | undefined;

  constructor(object: CachedObject, previous: CachedObject | undefined, deleted: boolean) {
    this.revision = object.revision;
    this.object = object;
    this.previous = previous;
    this.deleted = deleted;
  }

  /** The state before, under this event's revision: what a watcher sees leave when a selector stops matching. */
  departed(): CachedObject {
    const previous = this.previous ?? this.object;
    this.#departed ??= withOtherRevision(previous, this.revision);
    return this.#departed;
  }

  /** The bytes for one form of output, made on first use. */
  frame(form: string, make: () => Buffer): Buffer {
    this.#frames ??= new Map();
    let frame = this.#frames.get(form);
    if (!frame) this.#frames.set(form, (frame = make()));
    return frame;
  }
}

export function withOtherRevision(object: CachedObject, revision: number): CachedObject {
  const from = `"resourceVersion":"${object.revision}"`;
  const at = object.bytes.indexOf(from);
  const bytes = Buffer.concat([
    object.bytes.subarray(0, at),
    Buffer.from(`"resourceVersion":"${revision}"`),
    object.bytes.subarray(at + from.length),
  ]);
  return new CachedObject(object.key, object.namespace, object.name, revision, bytes);
}
