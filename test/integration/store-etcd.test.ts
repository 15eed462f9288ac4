import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll } from "vitest";
import { openEtcdStore } from "../../core/store/etcd/etcd-store.ts";
import { describeStore } from "../../core/store/store-behaviour.ts";
import { EtcdProcess } from "../support/etcd/etcd-process.ts";

const folder = mkdtempSync(join(tmpdir(), "berth-etcd-"));
let etcd: EtcdProcess;
let stores = 0;

beforeAll(async () => {
  etcd = await (await EtcdProcess.prepare(folder)).start();
});
afterAll(async () => {
  await etcd.kill();
  rmSync(folder, { recursive: true });
});

// Leases run on etcd's own clock: time passes here as it does outside.
const clock = { advance: (ms: number): Promise<void> => sleep(ms) };
describeStore("etcd", async (options) => ({
  store: await openEtcdStore({ servers: [etcd.server], root: `/test-${stores++}`, ...options }),
  clock,
}));
