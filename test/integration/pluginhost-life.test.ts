import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { listPids, mountTmpfs, readCgroups, readStat, unmount, unmountUnder } from "@berth/linux";
import type { PluginView } from "../../core/pluginhost/contracts/plugin-host.ts";
import { isReady, seen, standIns, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

let node: TestNode;
let host: TestHost;

function begin(options: ConstructorParameters<typeof TestNode>[0] = {}): TestHost {
  node = new TestNode(options);
  host = node.start();
  return host;
}

afterEach(async () => {
  await host.end("teardown");
  node.remove();
});

function processIsGone(pid: number | undefined): boolean {
  const state = pid === undefined ? undefined : readStat(pid)?.state;
  return state === undefined || state === "Z";
}

describe("life of a managed plugin", () => {
  it("goes from a folder through the handshake to ready", async () => {
    const host = begin();
    host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
    const view = await seen(host, "notes", isReady);
    expect(view).toMatchObject({
      mode: "managed",
      unverified: true,
      version: "0.1.0",
      contractVersions: { cni: "v1" },
      capabilities: ["network"],
      incarnation: 1,
      restarts: 0,
    });
    expect(view.facts["words"]).toBe("takes notes");
    expect(host.network.ready).toBe(true);
  });

  it("comes back by itself after kill -9, with the true cause", async () => {
    const host = begin();
    host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
    const first = await seen(host, "notes", isReady);
    process.kill(first.pid!, "SIGKILL");
    const second = await seen(host, "notes", (view) => isReady(view) && view.incarnation === 2);
    expect(second.restarts).toBe(1);
    expect(second.pid).not.toBe(first.pid);
    expect(second.lastCause).toMatchObject({ signal: "SIGKILL", incarnation: 1, pid: first.pid });
    expect(second.lastCause?.message).toBe("killed by SIGKILL");
  });

  it("is quarantined when it only ever crashes, with exit code and last words", async () => {
    const host = begin({
      numbers: { restart: { baseMs: 1, capMs: 2, goodMs: 1e6, budget: 3, windowMs: 1e6 } },
    });
    host.setDesired({ plugins: [wanted("crash", "raw-crash")] });
    const view = await seen(host, "crash", ({ state }) => state === "quarantined");
    expect(view.reason).toContain("it ended 4 times");
    expect(view.lastCause).toMatchObject({ exitCode: 3, stderrTail: "cannot find the frobnicator" });
  });

  it("comes back after every one of twenty kills, and each cause is the true one", async () => {
    const host = begin({
      numbers: { restart: { baseMs: 1, capMs: 1, goodMs: 1e9, budget: 100, windowMs: 1e9 } },
    });
    host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
    for (let round = 1; round <= 20; round++) {
      const { pid } = await seen(host, "notes", (view) => isReady(view) && view.incarnation === round);
      process.kill(pid!, round % 2 ? "SIGKILL" : "SIGABRT");
      const next = await seen(host, "notes", ({ lastCause }) => lastCause?.pid === pid);
      expect(next.lastCause).toMatchObject({ incarnation: round, signal: round % 2 ? "SIGKILL" : "SIGABRT" });
    }
    const last = await seen(host, "notes", (view) => isReady(view) && view.incarnation === 21);
    expect(last.restarts).toBe(20);
  });

  it("is said to have run out of memory when the kernel killed it at its limit", async () => {
    const host = begin();
    host.setDesired({ plugins: [wanted("eater", "raw-eater")] });
    const { lastCause } = await seen(host, "eater", (view) => view.lastCause !== undefined);
    expect(lastCause).toMatchObject({ oomKilled: true, signal: "SIGKILL" });
    expect(lastCause?.message).toBe(
      "out of memory: the kernel killed it at its memory limit (killed by SIGKILL)",
    );
  });

  it("is ended and told why when it never says hello", async () => {
    const host = begin();
    host.setDesired({ plugins: [wanted("hang", "raw-hang")] });
    const view = await seen(host, "hang", ({ state }) => state === "backoff");
    expect(view.lastCause?.message).toContain("it did not say hello within its start budget of 2 s");
    expect(view.lastCause?.stderrTail).toBe("thinking");
    expect(processIsGone(view.lastCause?.pid)).toBe(true);
  });

  it("ends and leaves no process, socket or control group when it is taken away", async () => {
    const host = begin();
    host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
    const { pid } = await seen(host, "notes", isReady);
    const removed = Promise.withResolvers<string>();
    host.onDidRemove(removed.resolve);
    host.setDesired({ plugins: [] });
    expect(await removed.promise).toBe("notes");
    expect(processIsGone(pid)).toBe(true);
    expect(readdirSync(join(node.root, "run", "p"))).toEqual([]);
    await host.end("teardown");
    expect(existsSync(`/sys/fs/cgroup/pids/berth-test/${node.name}`)).toBe(false);
  });

  it("is not started after all when the host stops while it waits for its turn", async () => {
    const host = begin();
    const names = Array.from({ length: 12 }, (_, index) => `hang${index}`);
    host.setDesired({ plugins: names.map((name) => wanted(name, "raw-hang")) });
    await seen(host, "hang0", ({ reason }) => reason.startsWith("starting"));
    await host.end("teardown");
    expect(readdirSync(join(node.root, "run", "p"))).toEqual([]);
    const left = listPids().filter((pid) => readCgroups(pid)?.get("pids")?.includes(node.name));
    expect(left).toEqual([]);
  });

  it("is refused with the nearest key when its configuration is misspelt, and starts once it is right", async () => {
    const host = begin();
    host.setDesired({ plugins: [wanted("notes", "cni-notes", { config: { prefx: "10.1.1" } })] });
    const refused = await seen(host, "notes", ({ state }) => state === "refused");
    expect(refused.reason).toContain("unknown key prefx; did you mean prefix?");
    expect(refused.pid).toBeUndefined();
    host.setDesired({ plugins: [wanted("notes", "cni-notes", { config: { prefix: "10.1.1" } }, 2)] });
    await seen(host, "notes", isReady);
  });

  it("comes back when its folder with all sockets was deleted under it", async () => {
    const host = begin();
    host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
    const { pid } = await seen(host, "notes", isReady);
    rmSync(join(node.root, "run", "p"), { recursive: true });
    process.kill(pid!, "SIGKILL");
    const back = await seen(host, "notes", (view) => isReady(view) && view.incarnation > 1);
    expect(back.pid).not.toBe(pid);
  });

  it("is not blamed when the host cannot start it, however often, and starts once it can", async () => {
    const restart = { baseMs: 1, capMs: 2, goodMs: 1e9, budget: 2, windowMs: 1e9 };
    const host = begin({ numbers: { restart } });
    host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
    const { pid } = await seen(host, "notes", isReady);
    const folder = join(node.root, "run", "p");
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "in the way");
    process.kill(pid!, "SIGKILL");
    const tried = await seen(host, "notes", ({ incarnation }) => incarnation > 6);
    expect(tried.reason).toMatch(/starting|it could not be started: .*(ENOTDIR|EEXIST)/);
    rmSync(folder);
    expect(await seen(host, "notes", isReady)).toMatchObject({ restarts: 1 });
  });

  it("waits while the disk of its state is full, and starts by itself once there is room", async () => {
    const host = begin({ numbers: { rescanMs: 50 } });
    const data = join(node.root, "data", "plugins");
    mkdirSync(data);
    mountTmpfs(data, { sizeBytes: 512 * 1024, mode: 0o700 });
    try {
      host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
      const waiting = await seen(host, "notes", ({ state }) => state === "waiting");
      expect(waiting.reason).toContain("is full; it starts by itself once there is room");
      unmount(data);
      expect(await seen(host, "notes", isReady)).toMatchObject({ incarnation: 1, restarts: 0 });
    } finally {
      unmountUnder(data);
    }
  });

  it("is refused when it wants what it is not granted", async () => {
    const host = begin();
    host.setDesired({ plugins: [wanted("notes", "cni-notes", { grants: [] })] });
    const refused = await seen(host, "notes", ({ state }) => state === "refused");
    expect(refused.reason).toContain("wants events, which spec.grants does not grant");
  });

  it("whose grant is taken back ends with it, at once or found by the next host, and comes back with the grant", async () => {
    begin();
    const granted = (generation: number) => ({ plugins: [wanted("notes", "cni-notes", {}, generation)] });
    const revoked = { plugins: [wanted("notes", "cni-notes", { grants: [] }, 2)] };
    const isRefused = ({ state }: PluginView): boolean => state === "refused";
    host.setDesired(granted(1));
    const first = await seen(host, "notes", isReady);
    expect(first.grants).toEqual([{ name: "events", inForce: true }]);

    host.setDesired(revoked);
    const refused = await seen(host, "notes", isRefused);
    expect(refused).toMatchObject({ pid: undefined, capabilities: [], grants: [], isolation: [] });
    expect(refused.lastCause?.message).toContain("spec.grants does not grant events any more");
    expect(processIsGone(first.pid)).toBe(true);

    host.setDesired(granted(3));
    const second = await seen(host, "notes", isReady);
    await host.end("leave");
    host = node.start();
    host.setDesired(revoked);
    await seen(host, "notes", isRefused);
    expect(processIsGone(second.pid)).toBe(true);
  });

  it("keeps serving while a version that wants more is refused: it has only what is granted", async () => {
    const host = begin();
    host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
    const first = await seen(host, "notes", isReady);
    const next = mkdtempSync(join(tmpdir(), "berth-greedy-"));
    try {
      cpSync(join(standIns, "cni-notes"), next, { recursive: true });
      const manifest = JSON.parse(readFileSync(join(next, "plugin.json"), "utf8")) as object;
      const greedy = { ...manifest, version: "9.0.0", privileges: { capabilities: ["CAP_NET_ADMIN"] } };
      writeFileSync(join(next, "plugin.json"), JSON.stringify(greedy));
      host.setDesired({ plugins: [wanted("notes", next, {}, 2)] });
      const after = await seen(host, "notes", ({ state }) => state === "degraded");
      expect(after).toMatchObject({ pid: first.pid, grants: [{ name: "events" }] });
      expect(after.reason).toContain("wants CAP_NET_ADMIN, which spec.grants does not grant");
    } finally {
      rmSync(next, { recursive: true });
    }
  });
});
