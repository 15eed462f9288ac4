import { type Clock, systemClock } from "@berth/base";

import type { Engine, RemoteEngine } from "./engine.ts";
import { EngineStore } from "./engine-store.ts";
import { MemoryEngine } from "./memory-engine.ts";
import type { Store } from "./store.ts";

/** A store that forgets everything when it closes; same promises otherwise as one that lasts. */
export function openMemoryStore(options: { clock?: Clock; revisionOffset?: number } = {}): Store {
  const offset = options.revisionOffset === undefined ? {} : { revisionOffset: options.revisionOffset };
  return new EngineStore(inThisThread(new MemoryEngine(offset)), options.clock ?? systemClock);
}

/** An engine of this thread where one that answers later is asked for. */
export function inThisThread(engine: Engine): RemoteEngine {
  return {
    info: engine.info,
    died: new Promise<never>(() => {}),
    state: async () => engine.state(),
    apply: async (writes) => engine.apply(writes),
    get: async (key, revision) => engine.get(key, revision),
    list: async (prefix, options) => engine.list(prefix, options),
    lifetimes: async (prefix) => engine.lifetimes(prefix),
    count: async (prefix) => engine.count(prefix),
    history: async (prefix, after, limit) => engine.history(prefix, after, limit),
    expired: async (now, limit) => engine.expired(now, limit),
    compact: async (revision) => engine.compact(revision),
    close: async () => engine.close(),
  };
}
