import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DisposableStack } from "@berth/base";
import { openEtcdStore } from "../../core/store/etcd/etcd-store.ts";
import { builtProgram } from "../support/built-core.ts";
import { EtcdProcess } from "../support/etcd/etcd-process.ts";

const program = builtProgram();
let stack: DisposableStack;
let folder: string;
let etcd: EtcdProcess;

beforeEach(async () => {
  stack = new DisposableStack("test");
  folder = mkdtempSync(join(tmpdir(), "berth-full-"));
  stack.defer(folder, () => rmSync(folder, { recursive: true }));
  etcd = await EtcdProcess.prepare(folder, { more: ["--quota-backend-bytes", `${4 * 1024 ** 2}`] });
  stack.defer("etcd", () => etcd.kill());
  await etcd.start();
});
afterEach(() => stack.dispose());

it("an etcd that has reached its quota says so, is still read and emptied, and is brought back by the steps that are named", async () => {
  const store = await openEtcdStore({ servers: [etcd.server] });
  stack.defer("store", () => store.close());
  const write = (i: number): Promise<unknown> => store.create(`/k/${i}`, Buffer.alloc(200_000, i));
  let tried = 0;
  const failure = await (async () => {
    for (; ; tried++) await write(tried);
  })().catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: "BERTH_STORE_FULL",
    message: expect.stringContaining("has reached its quota") as string,
  });
  await expect(write(tried + 1)).rejects.toMatchObject({ code: "BERTH_STORE_FULL" });
  // The one that reached the quota may have been made.
  const written = await store.count("/k/");
  expect([tried, tried + 1]).toContain(written);
  // It learns its size from time to time only, so that quick writes go far beyond the quota.
  const left = 5;
  for (let i = left; i < written; i++) expect(await store.delete(`/k/${i}`)).toMatchObject({ deleted: true });

  const berth = async (...args: string[]): Promise<string> =>
    (await execa(process.execPath, [program, "store", ...args, "--etcd-servers", etcd.server])).stdout;
  expect(await berth("check")).toContain(`is whole: ${left} objects`);
  expect(await berth("export", join(folder, "saved"))).toContain(`${left} objects`);
  expect(await berth("compact")).toContain("is forgotten");
  const etcdctl = (...args: string[]): Promise<unknown> =>
    execa("etcdctl", ["--endpoints", etcd.server, ...args], { env: { ETCDCTL_API: "3" } });
  await etcdctl("defrag");
  await etcdctl("alarm", "disarm");
  expect(await write(tried + 1)).toMatchObject({ written: true });
});
