import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll } from "vitest";

import { FakeClock } from "@berth/base";

import { openSqliteStore } from "../../core/store/sqlite-store.ts";
import { describeStore } from "../../core/store/store-behaviour.ts";

const directory = mkdtempSync(join(tmpdir(), "berth-store-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
describeStore("sqlite", async (options) => {
  const clock = new FakeClock();
  const path = join(directory, `${files++}`, "store.db");
  return { store: await openSqliteStore({ path, clock, ...options }), clock };
});
