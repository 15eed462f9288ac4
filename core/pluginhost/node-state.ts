import { createToken } from "@berth/base";

/**
 * What the host must remember across its own death, in named buckets of JSON values. A call returns when the value is
 * on disk. core/checkpoint provides it.
 */
export interface NodeState {
  bucket<T>(name: string): StateBucket<T>;
}

export interface StateBucket<T> {
  get(key: string): T | undefined;
  put(key: string, value: T): void;
  delete(key: string): void;
  list(): { key: string; value: T }[];
}

export const nodeStateToken = createToken<NodeState>("pluginhost.node-state");

/** Forgets everything with the process: for unit tests. */
export class MemoryNodeState implements NodeState {
  readonly #buckets = new Map<string, Map<string, string>>();

  bucket<T>(name: string): StateBucket<T> {
    const entries = this.#buckets.get(name) ?? new Map<string, string>();
    this.#buckets.set(name, entries);
    return {
      get: (key) => {
        const text = entries.get(key);
        return text === undefined ? undefined : (JSON.parse(text) as T);
      },
      put: (key, value) => void entries.set(key, JSON.stringify(value)),
      delete: (key) => void entries.delete(key),
      list: () => [...entries].map(([key, text]) => ({ key, value: JSON.parse(text) as T })),
    };
  }
}
