import { afterEach, describe } from "vitest";

import type { BackendUnderTest, Begin } from "./behaviour/backend-under-test.ts";
import { describeCompaction } from "./behaviour/compaction.ts";
import { describeLifetimes } from "./behaviour/lifetimes.ts";
import { describeLists } from "./behaviour/lists.ts";
import { describeSingleKeys } from "./behaviour/single-keys.ts";
import { describeWatches } from "./behaviour/watches.ts";
import type { Store } from "./store.ts";

/** What every backend promises. `open` gives an empty store of that offset. */
export function describeStore(
  backend: string,
  open: (options: { revisionOffset?: number }) => Promise<BackendUnderTest>,
): void {
  describe(`store on ${backend}`, () => {
    const opened: Store[] = [];
    const begin: Begin = async (options = {}) => {
      const made = await open(options);
      opened.push(made.store);
      return made;
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });

    describeSingleKeys(begin);
    describeLists(begin);
    describeWatches(begin);
    describeCompaction(begin);
    describeLifetimes(begin);
  });
}
