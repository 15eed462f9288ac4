import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ProcessIdentity, readStat } from "@berth/linux";
import { openCheckpoint } from "../../core/checkpoint/sqlite-checkpoint.ts";
import type { ProcessRecord } from "../../core/pluginhost/supervise/process-record.ts";
import { isReady, seen, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

let node: TestNode;
let host: TestHost | undefined;

beforeEach(() => {
  node = new TestNode();
});

afterEach(async () => {
  host ??= node.start();
  await host.end("teardown");
  host = undefined;
  node.remove();
});

const world = { plugins: [wanted("notes", "cni-notes")] };

/** Resolves when a process that is no child of ours has ended, and is reaped. */
async function ended(pid: number): Promise<void> {
  while (readStat(pid)) await sleep(20);
}

describe("a host that starts where another was killed", () => {
  it("adopts the living plugin: same process, same incarnation, no restart", async () => {
    const former = await node.startProcess(world, "notes", isReady);
    await former.kill();
    host = node.start();
    host.setDesired(world);
    const view = await seen(host, "notes", isReady);
    expect(view).toMatchObject({ pid: former.view.pid, incarnation: 1, restarts: 0 });
    expect(view.startedAt).toBe(former.view.startedAt);
    // Told what is still valid at each connect; only from the second on is that the whole truth.
    expect(node.stateFile("notes", "notes.txt").match(/^sync .*/gm)).toEqual(["sync false ", "sync true "]);
  });

  it("notices the end of an adopted process, and says what it can about it", async () => {
    const former = await node.startProcess(world, "notes", isReady);
    await former.kill();
    host = node.start();
    host.setDesired(world);
    const { pid } = await seen(host, "notes", isReady);
    process.kill(pid!, "SIGKILL");
    const next = await seen(host, "notes", (view) => isReady(view) && view.incarnation === 2);
    expect(next.lastCause).toMatchObject({ pid, incarnation: 1 });
    expect(next.lastCause?.message).toMatch(/killed by SIGKILL|ended while not our child/);
  });

  it("starts anew what died meanwhile, and keeps its last words", async () => {
    const former = await node.startProcess(world, "notes", isReady);
    await former.kill();
    process.kill(former.view.pid!, "SIGKILL");
    await ended(former.view.pid!);
    host = node.start();
    host.setDesired(world);
    const view = await seen(host, "notes", isReady);
    expect(view).toMatchObject({ incarnation: 2, restarts: 1 });
    expect(view.lastCause?.message).toBe("exit code unknown: it ended while not our child");
  });

  it("ends what was killed in the middle of a start and starts it once", async () => {
    const former = await node.startProcess(world, "notes", ({ state }) => state === "starting");
    await former.kill();
    host = node.start();
    host.setDesired(world);
    const view = await seen(host, "notes", isReady);
    const left = node.stateFile("notes", ".lease").trim();
    expect(Number(left)).toBe(view.pid);
  });

  it("adopts after an orderly leave too", async () => {
    host = node.start();
    host.setDesired(world);
    const before = await seen(host, "notes", isReady);
    await host.end("leave");
    expect(readStat(before.pid!)?.state).not.toBe("Z");
    host = node.start();
    host.setDesired(world);
    const after = await seen(host, "notes", isReady);
    expect(after.pid).toBe(before.pid);
  });
});

describe("a plugin whose host does not come back", () => {
  it("ends itself when the adoption window closes", async () => {
    const short = new TestNode({ adoptionWindowMs: 300 });
    const former = await short.startProcess(world, "notes", isReady);
    await former.kill();
    await ended(former.view.pid!);
    const heir = short.start();
    heir.setDesired(world);
    expect(await seen(heir, "notes", isReady)).toMatchObject({ incarnation: 2, restarts: 1 });
    await heir.end("teardown");
    short.remove();
  });
});

describe("a recorded number that belongs to somebody else now", () => {
  let bystander: ChildProcess;

  beforeEach(async () => {
    bystander = spawn("sleep", ["1000"], { stdio: "ignore" });
    await once(bystander, "spawn");
  });

  afterEach(() => void bystander.kill("SIGKILL"));

  /** As when a record outlived its process, and the kernel gave the number to another one. */
  function giveAway(bucket: string): void {
    const checkpoint = openCheckpoint(join(node.root, "data", "checkpoint.db"));
    const records = checkpoint.bucket<{ identity: ProcessIdentity }>(bucket);
    expect(records.entries()).not.toEqual([]);
    for (const [key, record] of records.entries()) {
      records.put(key, { ...record, identity: { ...record.identity, pid: bystander.pid! } });
    }
    checkpoint.close();
  }

  it("is neither adopted nor signalled, whether it served or was left from a start", async () => {
    const former = await node.startProcess(world, "notes", isReady);
    await former.kill();
    process.kill(former.view.pid!, "SIGKILL");
    giveAway("plugins.processes");
    const checkpoint = openCheckpoint(join(node.root, "data", "checkpoint.db"));
    const records = checkpoint.bucket<ProcessRecord>("plugins.processes");
    records.put("notes#7", { ...records.get("notes#1")!, incarnation: 7 });
    checkpoint.close();
    host = node.start();
    host.setDesired(world);
    const view = await seen(host, "notes", isReady);
    expect(view.pid).not.toBe(bystander.pid);
    expect(view).toMatchObject({ incarnation: 2, restarts: 1 });
    await host.end("teardown");
    host = undefined;
    expect([bystander.exitCode, bystander.signalCode, bystander.killed]).toEqual([null, null, false]);
    expect(readStat(bystander.pid!)?.state).toBe("S");
  });

  it("is not taken for a daemon either", async () => {
    const users = { plugins: [wanted("user", "needs-daemon", { grants: [] })] };
    host = node.start();
    host.setDesired(users);
    await seen(host, "user", isReady);
    const former = host.daemons.list()[0]!.pid!;
    await host.end("leave");
    process.kill(former, "SIGKILL");
    giveAway("plugins.daemons");
    host = node.start();
    host.setDesired(users);
    await seen(host, "user", isReady);
    expect(host.daemons.list()[0]!.pid).not.toBe(bystander.pid);
    await host.end("teardown");
    host = undefined;
    expect(readStat(bystander.pid!)?.state).toBe("S");
  });
});
