import { CachedObject } from "./cached-object.ts";

export type WatchEventType = "ADDED" | "MODIFIED" | "DELETED";

/** What the bytes of an event depend on, besides the event. */
export interface FrameForm {
  readonly form: { readonly as: string; readonly version: string };
  readonly includeObject: string;
  readonly withoutColumns?: boolean;
}

interface Frame extends FrameForm {
  readonly type: WatchEventType;
  /** The type of a kind in one version. */
  readonly kind: string;
  readonly bytes: Buffer;
}

/** One change of one object. Frames made of it are kept with it, so that a thousand watchers cost one. */
export class CacheEvent {
  readonly revision: number;
  /** After the change; for a deletion the last state, with the revision of the deletion. */
  readonly object: CachedObject;
  readonly previous: CachedObject | undefined;
  readonly deleted: boolean;
  /** None for most: few kinds are watched all the time. */
  #frames: Frame[] | undefined;
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

  /** The bytes for one form of output, made on first use. Forms are compared and not named: a thousand names cost more. */
  frame(type: WatchEventType, kind: string, wanted: FrameForm, make: () => Buffer): Buffer {
    this.#frames ??= [];
    const made = this.#frames.find((one) => one.type === type && one.kind === kind && isSame(one, wanted));
    if (made) return made.bytes;
    const { form, includeObject, withoutColumns } = wanted;
    const bytes = make();
    this.#frames.push({ type, kind, form, includeObject, withoutColumns, bytes });
    return bytes;
  }
}

function isSame(one: FrameForm, other: FrameForm): boolean {
  return (
    one.form.as === other.form.as &&
    one.form.version === other.form.version &&
    one.includeObject === other.includeObject &&
    one.withoutColumns === other.withoutColumns
  );
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
