import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Logger, silentLogger } from "@berth/base";
import {
  attachRequest,
  isReady,
  patientCaller,
  seen,
  type TestHost,
  TestNode,
  wanted,
} from "../support/pluginhost/test-host.ts";

const health = { intervalMs: 20, deadlineMs: 1000, misses: 3, ownDelayMs: 200 };

let node: TestNode;
let host: TestHost;

beforeEach(async () => {
  node = new TestNode({ numbers: { health } });
  host = node.start();
  host.setDesired({ plugins: [wanted("one", "cni-notes", { config: { hangFor: "stuck" } })] });
  await seen(host, "one", isReady);
});

afterEach(async () => {
  goOn();
  await host.end("teardown");
  node.remove();
});

function goOn(): void {
  writeFileSync(join(node.root, "data/plugins/one/state/go-on"), "");
}

function attach(sandbox: string, signal = patientCaller.signal) {
  return host.network.attach("cri", attachRequest(sandbox), { ...patientCaller, signal });
}

const notes = (word: string): string[] =>
  node
    .stateFile("one", "notes.txt")
    .split("\n")
    .filter((line) => line.startsWith(word));

/** Resolves once the plugin has begun a verb and hangs in it. */
async function hangs(sandbox = "stuck"): Promise<void> {
  await expect.poll(() => notes(`add ${sandbox}`), { timeout: 60_000, interval: 5 }).toHaveLength(1);
}

describe("one hung key", () => {
  it("leaves calls of every other key unaffected", async () => {
    let isOver = false;
    const stuck = attach("stuck").finally(() => (isOver = true));
    await hangs();
    const others = Array.from({ length: 200 }, (_, index) => `s${index}`);
    const answers = await Promise.all(others.map((sandbox) => attach(sandbox)));
    expect(new Set(answers.map(({ result }) => result?.ips?.[0]?.address)).size).toBe(200);
    await Promise.all(others.map((sandbox_id) => host.network.detach({ sandbox_id, netns: "" })));
    expect(isOver).toBe(false);
    goOn();
    await stuck;
  });

  it("is joined by the same request and waited for by a different one", async () => {
    const ended: string[] = [];
    const first = attach("stuck").finally(() => ended.push("attach"));
    await hangs();
    const same = attach("stuck").finally(() => ended.push("same"));
    const other = host.network.detach({ sandbox_id: "stuck", netns: "" }).finally(() => ended.push("detach"));
    await attach("bystander");
    expect(ended).toEqual([]);
    expect(notes("del stuck")).toEqual([]);
    goOn();
    const [one, two] = await Promise.all([first, same, other]);
    expect(two.result).toEqual(one.result);
    expect(ended).toEqual(["attach", "same", "detach"]);
    expect(notes("add stuck")).toHaveLength(1);
  });
});

describe("slow is not dead", () => {
  it("health has a lane of its own: it is asked and answered while calls hang and others wait for them", async () => {
    const probes = (): number => Number(node.stateFile("one", "probes.txt"));
    const stuck = attach("stuck");
    await hangs();
    let ended = 0;
    const waiting = Array.from({ length: 100 }, async () => {
      await host.network.detach({ sandbox_id: "stuck", netns: "" });
      ended++;
    });
    const before = probes();
    await expect.poll(probes, { timeout: 60_000, interval: 5 }).toBeGreaterThan(before + 5);
    expect(ended).toBe(0);
    goOn();
    await Promise.all([stuck, ...waiting]);
  });

  it("a call that comes back too late fails alone, and the plugin keeps serving", async () => {
    const before = await seen(host, "one", isReady);
    const late = new AbortController();
    const stuck = attach("stuck", late.signal);
    await hangs();
    late.abort(new Error("its caller has no more time"));
    await expect(stuck).rejects.toThrow("its caller has no more time");
    await attach("next");
    goOn();
    const after = await seen(host, "one", isReady);
    expect(after).toMatchObject({ pid: before.pid, incarnation: before.incarnation, restarts: 0 });
    // What it made too late is not lost sight of: the same request again answers.
    expect((await attach("stuck")).result?.ips).toHaveLength(1);
  });
});

it("a plugin that misses a health check and then answers is not replaced", async () => {
  await host.end("leave");
  const missed = Promise.withResolvers<void>();
  const logger: Logger = {
    ...silentLogger,
    warn: (message) => message === "health check not answered" && missed.resolve(),
    with: () => logger,
  };
  host = node.start(logger);
  host.setDesired({ plugins: [wanted("one", "cni-notes", { config: { hangFor: "stuck" } })] });
  const { pid, incarnation } = await seen(host, "one", isReady);
  process.kill(pid!, "SIGSTOP");
  try {
    await missed.promise;
  } finally {
    process.kill(pid!, "SIGCONT");
  }
  await attach("after");
  expect(await seen(host, "one", isReady)).toMatchObject({ pid, incarnation, restarts: 0 });
});
