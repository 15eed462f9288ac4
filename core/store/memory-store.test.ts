import { FakeClock } from "@berth/base";

import { openMemoryStore } from "./memory-store.ts";
import { describeStore } from "./store-behaviour.ts";

describeStore("memory", async (options) => {
  const clock = new FakeClock();
  return { store: openMemoryStore({ clock, ...options }), clock };
});
