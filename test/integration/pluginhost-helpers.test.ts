import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PluginView } from "../../core/pluginhost/contracts/plugin-host.ts";
import { Connection, services } from "@berth/verbs";
import { isReady, seen, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

const ceiling = { timeout: 60_000, interval: 20 };
const world = { plugins: [wanted("sleeper", "cni-sleeper")] };

let node: TestNode;
let host: TestHost | undefined;
/** Seconds that no other test sleeps for. */
let seconds: string;

beforeEach(() => {
  host = undefined;
  node = new TestNode({ firstUid: 64_300 });
  // Its own user must reach the plugin's folders.
  for (const folder of [node.root, join(node.root, "data"), join(node.root, "run")]) chmodSync(folder, 0o711);
  seconds = `${process.pid}${Math.floor(performance.now())}`;
});

afterEach(async () => {
  await (host ?? node.start()).end("teardown");
  node.remove();
});

interface Sleeper {
  readonly pid: number;
  readonly parent: number;
  readonly cgroup: string;
  readonly environ: string;
}

function sleepers(): Sleeper[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const read = (file: string): string => readFileSync(`/proc/${name}/${file}`, "utf8");
      try {
        if (read("cmdline") !== `sleep\0${seconds}\0`) return [];
        const parent = Number(/^\d+ \(.*\) \S+ (\d+)/s.exec(read("stat"))![1]);
        return [{ pid: Number(name), parent, cgroup: read("cgroup"), environ: read("environ") }];
      } catch (error) {
        if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
        throw error;
      }
    });
}

const bothSleep = () => vi.waitFor(() => expect(sleepers()).toHaveLength(2), ceiling);
const nobodySleeps = (timeout: number) =>
  vi.waitFor(() => expect(sleepers()).toEqual([]), { timeout, interval: 20 });

const message = () => ({ attachment: { container_id: seconds, netns: "/n", ifname: "eth0" } });
const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "answered",
    (error: Error) => error.message,
  );

describe("what a verb started", () => {
  let view: PluginView;

  const call = (signal: AbortSignal, deadlineMs: number): Promise<string> =>
    outcome(host!.tools.call("sleeper", { verb: "Add", message: message(), deadlineMs }, signal));

  beforeEach(async () => {
    host = node.start();
    host.setDesired(world);
    view = await seen(host, "sleeper", isReady);
  });

  it("is in the group for helpers, a child of the plugin, without its secrets", async () => {
    const giveUp = new AbortController();
    const ended = call(giveUp.signal, 60_000);
    await bothSleep();
    const leader = sleepers().find(({ parent }) => parent === view.pid)!;
    for (const { cgroup, environ } of sleepers()) {
      const own = cgroup.split("\n").filter((line) => line.includes(node.name));
      expect(own.length).toBeGreaterThan(0);
      expect(own.filter((line) => !line.endsWith("/p/sleeper/helpers"))).toEqual([]);
      expect(environ).not.toContain("BERTH_");
    }
    expect(leader).toBeDefined();
    giveUp.abort();
    await ended;
  });

  it("is gone with its children within a second of the deadline", async () => {
    const ended = call(new AbortController().signal, 3000);
    await bothSleep();
    expect(await ended).toMatch(/deadline/i);
    await nobodySleeps(1000);
    expect(host!.instances()[0]).toMatchObject({ pid: view.pid, restarts: 0 });
  });

  it("is gone with its children within a second of the caller giving up", async () => {
    const giveUp = new AbortController();
    const ended = call(giveUp.signal, 60_000);
    await bothSleep();
    giveUp.abort();
    await nobodySleeps(1000);
    expect(await ended).not.toBe("answered");
  });

  it("is gone when the plugin is killed", async () => {
    const ended = call(new AbortController().signal, 60_000);
    await bothSleep();
    process.kill(view.pid!, "SIGKILL");
    await nobodySleeps(1000);
    expect(await ended).not.toBe("answered");
  });
});

describe("what a verb started for a plugin without a host", () => {
  it("ends when the plugin is killed, and the next host ends what it had started itself", async () => {
    const first = await node.startProcess(world, "sleeper", isReady);
    const connection = new Connection(`unix://${join(node.root, "run", "p", "sleeper", "1.sock")}`);
    const ended = outcome(connection.client(services.network).add(message()));
    await bothSleep();
    const leader = sleepers().find(({ parent }) => parent === first.view.pid)!;
    await first.kill();
    process.kill(first.view.pid!, "SIGKILL");
    await vi.waitFor(() => expect(sleepers().map(({ pid }) => pid)).not.toContain(leader.pid), ceiling);
    host = node.start();
    host.setDesired(world);
    await nobodySleeps(ceiling.timeout);
    expect(await ended).not.toBe("answered");
    connection.dispose();
  });
});
