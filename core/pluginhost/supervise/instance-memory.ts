import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { LastCause } from "../contracts/plugin-types.ts";

/** What is remembered of one plugin across restarts of the host. */
export interface InstanceFacts {
  /** Of the last process that was started. */
  readonly incarnation: number;
  /** The incarnation to which calls went. */
  readonly serving: number;
  readonly restarts: number;
  readonly configGeneration: number;
  readonly lastCause?: LastCause;
  readonly isQuarantined?: boolean;
}

const nothing: InstanceFacts = { incarnation: 0, serving: 0, restarts: 0, configGeneration: 0 };

/** One plugin's part of the checkpoint. A change is on disk when the call returns. */
export class InstanceMemory {
  readonly #bucket: Bucket<InstanceFacts>;
  readonly #plugin: string;
  #facts: InstanceFacts;

  constructor(bucket: Bucket<InstanceFacts>, plugin: string) {
    this.#bucket = bucket;
    this.#plugin = plugin;
    this.#facts = bucket.get(plugin) ?? nothing;
  }

  get facts(): InstanceFacts {
    return this.#facts;
  }

  /** What is shown of the processes before. */
  get past(): Pick<InstanceFacts, "restarts"> & { readonly lastCause: LastCause | undefined } {
    const { restarts, lastCause } = this.#facts;
    return { restarts, lastCause };
  }

  change(change: Partial<InstanceFacts>): void {
    const next = { ...this.#facts, ...change };
    const keys = Object.keys(change) as (keyof InstanceFacts)[];
    if (keys.every((key) => Object.is(next[key], this.#facts[key]))) return;
    this.#facts = next;
    this.#bucket.put(this.#plugin, next);
  }

  nextIncarnation(): number {
    const incarnation = this.#facts.incarnation + 1;
    this.change({ incarnation });
    return incarnation;
  }

  nextConfigGeneration(): number {
    const configGeneration = this.#facts.configGeneration + 1;
    this.change({ configGeneration });
    return configGeneration;
  }

  noteEnd(lastCause: LastCause): void {
    this.change({ lastCause, restarts: this.#facts.restarts + 1 });
  }

  forget(): void {
    this.#bucket.delete(this.#plugin);
    this.#facts = nothing;
  }
}
