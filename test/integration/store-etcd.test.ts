import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EtcdClient, type EtcdError, type TxnOutput } from "@berth/etcd";
import { openEtcdStore } from "../../core/store/etcd/etcd-store.ts";
import { Recorder } from "../../core/store/behaviour/recorder.ts";
import { describeStore } from "../../core/store/store-behaviour.ts";
import { EtcdProcess } from "../support/etcd/etcd-process.ts";
import { TcpLine } from "../support/tcp-line.ts";

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

it("says of a write whose answer was lost that it may have been made, and gives it to no other member", async () => {
  await using line = await TcpLine.to(etcd.clientPort);
  const servers = [`http://127.0.0.1:${line.port}`, etcd.server];
  const store = await openEtcdStore({ servers, root: "/lost-answer" });
  try {
    const before = line.carried;
    const value = Buffer.alloc(20_000);
    process.kill(etcd.pid, "SIGSTOP");
    const write = store.create("/a", value).catch((error: unknown) => error);
    while (line.carried < before + value.length) await sleep(5);
    line.cut();
    process.kill(etcd.pid, "SIGCONT");
    expect(await write).toMatchObject({ code: "BERTH_STORE_OUTCOME_UNKNOWN" });
    // Every other one goes to the member that can be reached.
    expect(await store.create("/b", value)).toMatchObject({ written: true });
  } finally {
    process.kill(etcd.pid, "SIGCONT");
    await store.close();
  }
});

it("leaves a store of a newer format, and what is no store, as they are", async () => {
  const client = new EtcdClient({ servers: [etcd.server] });
  const put = (root: string, text: string): Promise<unknown> =>
    client.txn({
      success: [{ request_put: { key: Buffer.from(`${root}/meta`), value: Buffer.from(text) } }],
    });
  await put("/newer", JSON.stringify({ format: 2, id: "x", revisionOffset: 0 }));
  await put("/foreign", "apiVersion: v1");
  client.dispose();
  const open = (root: string): Promise<unknown> => openEtcdStore({ servers: [etcd.server], root });
  await expect(open("/newer")).rejects.toMatchObject({
    code: "BERTH_STORE_NEWER_FORMAT",
    message: expect.stringContaining("has format 2") as string,
  });
  await expect(open("/foreign")).rejects.toMatchObject({ code: "BERTH_STORE_FOREIGN" });
});

it("comes to a revision at which only somebody else's keys were changed, and tells watches so", async () => {
  const store = await openEtcdStore({ servers: [etcd.server], root: "/beside" });
  const client = new EtcdClient({ servers: [etcd.server] });
  const watch = new Recorder(store, "/", await store.currentRevision());
  await watch.caughtUp();
  await client.txn({ success: [{ request_put: { key: Buffer.from("/others"), value: Buffer.from("1") } }] });
  const revision = await store.currentRevision();
  expect(watch.progress.at(-1)).toBeLessThan(revision);
  while (watch.progress.at(-1)! < revision) await sleep(20);
  client.dispose();
  await store.close();
});

it("is told by etcd that what a watch asks for was compacted", async () => {
  const client = new EtcdClient({ servers: [etcd.server] });
  const write = (): Promise<TxnOutput> =>
    client.txn({ success: [{ request_put: { key: Buffer.from("/w/a"), value: Buffer.from("1") } }] });
  await write();
  await client.compact(Number((await write()).header?.revision));
  const ended = Promise.withResolvers<EtcdError>();
  const range = { key: Buffer.from("/w/"), rangeEnd: Buffer.from("/w0"), startRevision: 1 };
  const watch = await client.watch(range, { events: () => {}, ended: ended.resolve });
  expect((await ended.promise).isCompacted).toBe(true);
  await watch.dispose();
  client.dispose();
});
