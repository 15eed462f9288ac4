import { silentLogger, systemClock } from "@berth/base";
import { WatchCache } from "../../core/apiserver/cache/watch-cache.ts";
import { openMemoryStore } from "../../core/store/memory-store.ts";

/** A cache without a store behind it, and a way to put objects into it, each under its key. */
export function filledCache(objects: Readonly<Record<string, object>> = {}) {
  const cache = new WatchCache(openMemoryStore({ clock: systemClock }), systemClock, silentLogger);
  let revision = 0;
  const kindOf = (key: string) => cache.kind(key.split("/").slice(0, 3).join("/") + "/");
  const put = (key: string, object: object): void => {
    const value = Buffer.from(JSON.stringify({ metadata: {}, ...object }));
    kindOf(key).put({ key, value, createRevision: 1, modRevision: ++revision });
    kindOf(key).wake();
  };
  const remove = (key: string): void => {
    kindOf(key).remove(key, ++revision);
    kindOf(key).wake();
  };
  for (const [key, object] of Object.entries(objects)) put(key, object);
  return { cache, put, remove };
}
