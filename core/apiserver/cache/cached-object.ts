import { decodeJson, deepFreeze, noJsonLimits } from "../../api/index.ts";

/**
 * One object as the watch cache holds it: the bytes that go out, and what selectors need, found out when first asked.
 * Nobody may change the bytes.
 */
export class CachedObject {
  /** Key in the store. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  /** JSON with the resourceVersion in it. */
  readonly bytes: Buffer;
  #parsed: WeakRef<object> | undefined;
  #selectable: Selectable | undefined;
  #isLeaving: boolean | undefined;

  constructor(key: string, namespace: string, name: string, revision: number, bytes: Buffer) {
    this.key = key;
    this.namespace = namespace;
    this.name = name;
    this.revision = revision;
    this.bytes = bytes;
  }

  /** Deep-frozen, shared by everyone in this process who asks while it is in use, parsed anew otherwise. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows the kind, this class does not
  object<T extends object>(): T {
    const alive = this.#parsed?.deref();
    if (alive) return alive as T;
    const parsed = deepFreeze(this.copy<object>());
    this.#parsed = new WeakRef(parsed);
    return parsed as T;
  }

  /** A copy that its owner may change. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as above
  copy<T extends object>(): T {
    const text = this.bytes.toString("utf8");
    return (longNumber.test(text) ? decodeJson(text, noJsonLimits).value : JSON.parse(text)) as T;
  }

  /** Its deletion has begun. */
  get isLeaving(): boolean {
    const look = (): boolean => this.object<Metadata>().metadata?.deletionTimestamp !== undefined;
    return (this.#isLeaving ??= look());
  }

  /** @param view names what `fieldsOf` makes of the object: its type */
  selectable(view: string, fieldsOf: FieldsOf): Selectable {
    if (this.#selectable?.view !== view) this.#selectable = readSelectable(this, view, fieldsOf);
    return this.#selectable;
  }
}

/** Perhaps a number that a double would round. */
const longNumber = /\d{16}/;

/** What label and field selectors look at. */
export interface Selectable {
  readonly view: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
}

/** The selectable fields of one kind's objects. */
export type FieldsOf = (object: object) => Record<string, string>;

interface Metadata {
  readonly metadata?: { readonly labels?: Record<string, string>; readonly deletionTimestamp?: string };
}

function readSelectable(cached: CachedObject, view: string, fieldsOf: FieldsOf): Selectable {
  const object = cached.object<Metadata>();
  return { view, labels: object.metadata?.labels ?? {}, fields: fieldsOf(object) };
}
