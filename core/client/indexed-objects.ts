import type { ApiObject } from "./contracts.ts";

type Indexes<T> = Readonly<Record<string, (object: T) => string[]>>;

/** `namespace/name`, or `name` of a cluster-scoped object. */
export function objectKey({ metadata }: ApiObject): string {
  return metadata?.namespace ? `${metadata.namespace}/${metadata.name}` : (metadata?.name ?? "");
}

/** Objects by key and by the values of named indexes. */
export class IndexedObjects<T extends ApiObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexes: Indexes<T>;
  /** index name → value → keys */
  readonly #keys = new Map<string, Map<string, Set<string>>>();

  constructor(indexes: Indexes<T>) {
    this.#indexes = indexes;
    for (const name of Object.keys(indexes)) this.#keys.set(name, new Map());
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  keys(): string[] {
    return [...this.#objects.keys()];
  }

  all(): T[] {
    return [...this.#objects.values()];
  }

  byIndex(name: string, value: string): T[] {
    const values = this.#keys.get(name);
    if (!values) throw new Error(`there is no index ${name}; there are ${[...this.#keys.keys()].join(", ")}`);
    return [...(values.get(value) ?? [])].map((key) => this.#objects.get(key)!);
  }

  /** Gives back what stood there before. */
  put(object: T): T | undefined {
    const key = objectKey(object);
    const old = this.remove(key);
    this.#objects.set(key, object);
    for (const [name, valuesOf] of Object.entries(this.#indexes)) {
      const values = this.#keys.get(name)!;
      for (const value of valuesOf(object)) {
        const keys = values.get(value);
        if (keys) keys.add(key);
        else values.set(value, new Set([key]));
      }
    }
    return old;
  }

  remove(key: string): T | undefined {
    const old = this.#objects.get(key);
    if (!old) return undefined;
    this.#objects.delete(key);
    for (const [name, valuesOf] of Object.entries(this.#indexes)) {
      const values = this.#keys.get(name)!;
      for (const value of valuesOf(old)) {
        const keys = values.get(value);
        keys?.delete(key);
        if (keys?.size === 0) values.delete(value);
      }
    }
    return old;
  }
}
