import { rangeStart } from "../keys.ts";

export interface EtcdRange {
  readonly key: Buffer;
  readonly rangeEnd: Buffer;
}

/** Where a store's keys lie in etcd: below `ROOT/k` those of its user, `ROOT/meta` and `ROOT/mark` its own. */
export class EtcdKeys {
  /** The store's id, format and revision offset, as JSON. */
  readonly meta: Buffer;
  /** Written when a revision is wanted that a watch of the whole root is sure to be told of. */
  readonly mark: Buffer;
  /** Everything below the root. */
  readonly all: EtcdRange;
  readonly #user: string;

  /** @param root `/berth` */
  constructor(root: string) {
    this.meta = Buffer.from(`${root}/meta`);
    this.mark = Buffer.from(`${root}/mark`);
    this.all = rangeOf(Buffer.from(`${root}/`));
    this.#user = `${root}/k`;
  }

  toEtcd(key: string): Buffer {
    return Buffer.from(this.#user + key);
  }

  /** undefined for the store's own keys. */
  fromEtcd(key: Buffer): string | undefined {
    const text = key.toString();
    return text.startsWith(this.#user) ? text.slice(this.#user.length) : undefined;
  }

  range(prefix: string, afterKey?: string): EtcdRange {
    const { rangeEnd } = rangeOf(this.toEtcd(prefix));
    return { key: this.toEtcd(rangeStart(prefix, afterKey)), rangeEnd };
  }
}

/** UTF-8 never ends in 0xff, so the last byte can always be raised. */
export function rangeOf(prefix: Buffer): EtcdRange {
  const rangeEnd = Buffer.from(prefix);
  rangeEnd[rangeEnd.length - 1]! += 1;
  return { key: prefix, rangeEnd };
}
