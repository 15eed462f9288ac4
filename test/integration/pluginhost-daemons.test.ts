import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listProcesses, readStat } from "@berth/linux";
import { openCheckpoint } from "../../core/checkpoint/sqlite-checkpoint.ts";
import { isReady, seen, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

let node: TestNode;
let host: TestHost;

beforeEach(() => {
  node = new TestNode();
  host = node.start();
});

afterEach(async () => {
  await host.end("teardown");
  node.remove();
});

const world = { plugins: [wanted("user", "needs-daemon", { grants: [] })] };

async function daemonPid(): Promise<number> {
  await seen(host, "user", isReady);
  return host.daemons.list()[0]!.pid!;
}

describe("a daemon", () => {
  it("is started before the plugin that needs it, and is no process of that plugin", async () => {
    host.setDesired(world);
    const pid = await daemonPid();
    const { pid: plugin } = await seen(host, "user", isReady);
    process.kill(plugin!, "SIGKILL");
    await seen(host, "user", (view) => isReady(view) && view.incarnation === 2);
    expect(host.daemons.list()).toEqual([{ id: "echo", pid, notReadyReason: "" }]);
  });

  it("is started once for all who declare it, and a plugin that only needs it waits", async () => {
    host.setDesired({
      plugins: [...world.plugins, wanted("second", "needs-daemon", { grants: [] })],
      networkChain: ["user"],
    });
    await seen(host, "second", isReady);
    expect(host.daemons.list()).toHaveLength(1);
  });

  it("is adopted by the next host", async () => {
    host.setDesired(world);
    const pid = await daemonPid();
    await host.end("leave");
    host = node.start();
    host.setDesired(world);
    expect(await daemonPid()).toBe(pid);
  });

  it("that the former host did not come to record is ended: it would keep its files from the next one", async () => {
    host.setDesired(world);
    const stray = await daemonPid();
    await host.end("leave");
    const checkpoint = openCheckpoint(join(node.root, "data", "checkpoint.db"));
    checkpoint.bucket("plugins.daemons").delete("echo");
    checkpoint.close();
    host = node.start();
    host.setDesired(world);
    expect(await daemonPid()).not.toBe(stray);
    expect(readStat(stray)?.state ?? "Z").toBe("Z");
  });

  it("comes back after kill -9; what needs it is degraded meanwhile, and says why", async () => {
    host.setDesired(world);
    const pid = await daemonPid();
    const degraded = seen(host, "user", ({ state }) => state === "degraded");
    process.kill(pid, "SIGKILL");
    expect((await degraded).reason).toContain("waiting for daemon echo");
    await seen(host, "user", isReady);
    expect(host.daemons.list()[0]?.pid).not.toBe(pid);
  });

  it("ends in a teardown with all that it started, and its control group goes", async () => {
    host.setDesired(world);
    const pid = await daemonPid();
    const child = listProcesses().find(({ parentPid }) => parentPid === pid)!;
    await host.end("teardown");
    // A zombie has ended; when it is reaped is up to the machine's init.
    const alive = [pid, child.pid].filter((one) => (readStat(one)?.state ?? "Z") !== "Z");
    expect(alive).toEqual([]);
    expect(existsSync(`/sys/fs/cgroup/pids/berth-test/${node.name}`)).toBe(false);
  });

  it("is neither started nor needed when the configuration names one of somebody else", async () => {
    const config = { endpoint: "unix:///run/other.sock" };
    host.setDesired({ plugins: [wanted("user", "needs-daemon", { grants: [], config })] });
    await seen(host, "user", isReady);
    expect(host.daemons.list()).toEqual([]);
  });
});
