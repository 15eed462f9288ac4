import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readStat } from "@berth/linux";
import { isReady, seen, standIns, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

let node: TestNode;
let host: TestHost;

beforeEach(async () => {
  node = new TestNode();
  host = node.start();
  host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
  await seen(host, "notes", isReady);
});

afterEach(async () => {
  await host.end("teardown");
  node.remove();
});

const none = { deadline: undefined, signal: new AbortController().signal, trace: undefined };

/** Attaches and detaches about a hundred times a second until it is stopped; answers how it went. */
function traffic(): { stop(): Promise<{ calls: number; failed: string[] }> } {
  const calls: Promise<unknown>[] = [];
  const failed: string[] = [];
  let number = 0;
  const timer = setInterval(() => {
    const id = `s${number++}`;
    const request = { sandbox_id: id, netns: "/n", pod: null, annotations: {}, runtime_config: null };
    const call = host.network
      .attach("cri", request, none)
      .then(() => host.network.detach({ sandbox_id: id, netns: "/n" }))
      .catch((error: Error) => void failed.push(error.message));
    calls.push(call);
  }, 10);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(calls);
      return { calls: calls.length, failed };
    },
  };
}

describe("an update", () => {
  it("takes over beside the former version without one failed call", async () => {
    const former = await seen(host, "notes", isReady);
    const load = traffic();
    host.setDesired({ plugins: [wanted("notes", "cni-notes-next", {}, 2)] });
    const next = await seen(host, "notes", (view) => isReady(view) && view.version === "0.2.0");
    const gone = async (): Promise<void> => {
      while (readStat(former.pid!)) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await gone();
    const { calls, failed } = await load.stop();
    expect(failed).toEqual([]);
    expect(calls).toBeGreaterThan(10);
    expect(next).toMatchObject({ incarnation: 2, restarts: 0 });
  });

  it("waits for the calls that are under way, also where the plugin has no SDK and cannot be asked to drain", async () => {
    host.setDesired({ plugins: [wanted("slow", "raw-slow")] });
    const former = await seen(host, "slow", isReady);
    const request = { sandbox_id: "s", netns: "/n", pod: null, annotations: {}, runtime_config: null };
    const attached = host.network.attach("cri", request, none);
    host.setDesired({ plugins: [wanted("slow", "raw-slow", { limits: { pids: 100 } }, 2)] });
    await attached;
    const next = await seen(host, "slow", (view) => isReady(view) && view.incarnation === 2);
    expect(next.pid).not.toBe(former.pid);
  });

  it("that does not start leaves the former serving, with the reason", async () => {
    const former = await seen(host, "notes", isReady);
    const load = traffic();
    host.setDesired({ plugins: [wanted("notes", "cni-notes-next", { config: { refuseStart: true } }, 2)] });
    const view = await seen(host, "notes", ({ state }) => state === "degraded");
    const { failed } = await load.stop();
    expect(failed).toEqual([]);
    expect(view).toMatchObject({ pid: former.pid, version: "0.1.0" });
    expect(view.reason).toContain("update from 0.1.0 to 0.2.0 failed, the former keeps serving");
    expect(view.reason).toContain("it was told to refuse");
  });

  it("that crashes within the watch window brings the former version back by itself", async () => {
    host.setDesired({ plugins: [wanted("notes", "cni-notes-next", {}, 2)] });
    const next = await seen(host, "notes", (view) => isReady(view) && view.version === "0.2.0");
    process.kill(next.pid!, "SIGKILL");
    const back = await seen(host, "notes", (view) => view.state === "degraded" && view.version === "0.1.0");
    expect(back.reason).toContain("the update was rolled back: killed by SIGKILL");
  });

  it("of the configuration alone reaches the living process, without a restart", async () => {
    const former = await seen(host, "notes", isReady);
    host.setDesired({ plugins: [wanted("notes", "cni-notes", { config: { prefix: "10.7.7" } }, 2)] });
    await seen(
      host,
      "notes",
      ({ facts }) => facts["configurations.disposed"] !== "0" || facts["configurations.live"] !== "1",
    );
    const request = { sandbox_id: "s", netns: "/n", pod: null, annotations: {}, runtime_config: null };
    const { result } = await host.network.attach("cri", request, none);
    expect(result?.ips?.[0]?.address).toBe("10.7.7.2/24");
    expect(await seen(host, "notes", isReady)).toMatchObject({ pid: former.pid, incarnation: 1 });
  });

  it("of the configuration that the plugin refuses changes nothing, with the reason", async () => {
    const former = await seen(host, "notes", isReady);
    host.setDesired({ plugins: [wanted("notes", "cni-notes", { config: { refuseStart: true } }, 2)] });
    const view = await seen(host, "notes", ({ state }) => state === "degraded");
    expect(view.pid).toBe(former.pid);
    expect(view.reason).toContain("it keeps its former configuration");
    host.setDesired({ plugins: [wanted("notes", "cni-notes", {}, 3)] });
    await seen(host, "notes", isReady);
  });

  it("waits for a delete when the policy says so", async () => {
    const former = await seen(host, "notes", isReady);
    const spec = { updatePolicy: "OnDelete" as const, source: { path: join(standIns, "cni-notes-next") } };
    host.setDesired({ plugins: [wanted("notes", "cni-notes", spec, 2)] });
    await host.network.detach({ sandbox_id: "none", netns: "" });
    expect(await seen(host, "notes", isReady)).toMatchObject({ pid: former.pid, version: "0.1.0" });
  });
});

describe("a plugin that is stopped in its tracks", () => {
  it("is dead after three unanswered checks and starts again", async () => {
    await host.end("teardown");
    node.remove();
    const numbers = { health: { intervalMs: 50, deadlineMs: 500, misses: 3, ownDelayMs: 10_000 } };
    node = new TestNode({ numbers });
    host = node.start();
    host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
    const first = await seen(host, "notes", isReady);
    process.kill(first.pid!, "SIGSTOP");
    const second = await seen(host, "notes", ({ lastCause }) => lastCause?.pid === first.pid);
    await seen(host, "notes", (view) => isReady(view) && view.incarnation > 1);
    expect(second.lastCause?.message).toBe("3 health checks in a row were not answered (killed by SIGKILL)");
  });
});
