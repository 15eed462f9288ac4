import type { Store } from "../store.ts";
import type { EncryptingTransformer } from "./encrypting-transformer.ts";

const pageItems = 500;

/**
 * Writes anew what does not lie in the store as it would be written now: after a new first key this is what frees the old
 * one. Other writers may be at work; what they wrote meanwhile is current already.
 */
export async function rewriteStore(inner: Store, transformer: EncryptingTransformer): Promise<number> {
  let rewritten = 0;
  const lifetimes = await inner.lifetimes("");
  let afterKey: string | undefined;
  for (;;) {
    const page = await inner.list("", { limit: pageItems, ...(afterKey !== undefined && { afterKey }) });
    for (const { key, value, modRevision } of page.items) {
      if (transformer.isCurrent(value, key)) continue;
      const ttlSeconds = lifetimes.get(key);
      const fresh = transformer.toStorage(transformer.fromStorage(value, key), key);
      const options = ttlSeconds === undefined ? {} : { ttlSeconds: Math.max(1, ttlSeconds) };
      if ((await inner.update(key, fresh, modRevision, options)).written) rewritten++;
    }
    afterKey = page.items.at(-1)?.key;
    if (page.remaining === 0 || afterKey === undefined) return rewritten;
  }
}
