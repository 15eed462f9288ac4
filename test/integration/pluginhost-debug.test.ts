import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readStat } from "@berth/linux";
import type { DebugEvent } from "../../core/pluginhost/contracts/index.ts";
import { isReady, seen, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

// Three misses take under a second, and a breakpoint of 3 s outlasts three of those.
const health = { intervalMs: 50, deadlineMs: 250, misses: 3, ownDelayMs: 10_000 };

let node: TestNode;
let host: TestHost;
beforeEach(() => {
  node = new TestNode({ numbers: { health } });
  host = node.start();
});
afterEach(async () => {
  await host.end("teardown");
  node.remove();
});

const isAlive = (pid: number): boolean => (readStat(pid)?.state ?? "Z") !== "Z";

/** As an author does it: the environment from its file, then the command. */
function startByHand(event: DebugEvent) {
  if (event.event !== "waiting") throw new Error(`not waiting: ${JSON.stringify(event)}`);
  expect(statSync(event.environmentFile).mode & 0o777).toBe(0o600);
  expect(JSON.stringify(event)).not.toContain("BERTH_TOKEN");
  const script = `. ${event.environmentFile}; exec "$@"`;
  return spawn("sh", ["-c", script, "sh", ...event.command], { cwd: event.folder, stdio: "ignore" });
}

test("the author's process serves, a long breakpoint evicts nothing, and detaching restores the managed one", async () => {
  host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
  const managed = await seen(host, "notes", isReady);
  const detach = new AbortController();
  const events = host.tools.debug("notes", detach.signal)[Symbol.asyncIterator]();
  const waiting = (await events.next()).value as DebugEvent;
  expect(isAlive(managed.pid!)).toBe(false);
  const own = startByHand(waiting);
  const gone = once(own, "exit");
  expect((await events.next()).value).toMatchObject({ event: "serving", pid: own.pid });
  await seen(host, "notes", (view) => isReady(view) && view.pid === own.pid);
  const call = (deadlineMs: number) =>
    host.tools.call("notes", { verb: "Version", deadlineMs }, new AbortController().signal);
  expect(await call(20_000)).toMatchObject({ verb: "berth.cni.v1.NetworkPlugin/Version" });

  own.kill("SIGSTOP");
  await expect(call(200)).rejects.toThrow("DEADLINE_EXCEEDED");
  await sleep(3000);
  expect(host.instances()[0]).toMatchObject({ state: "ready", pid: own.pid, restarts: 0 });
  own.kill("SIGCONT");
  expect(await call(20_000)).toMatchObject({ verb: "berth.cni.v1.NetworkPlugin/Version" });

  expect(() => host.tools.debug("notes", detach.signal)).toThrow("under debug already");
  detach.abort();
  await gone;
  const restored = await seen(host, "notes", (view) => isReady(view) && view.pid !== own.pid);
  expect(isAlive(restored.pid!)).toBe(true);
  expect((waiting as { environmentFile: string }).environmentFile).not.toSatisfy(existsSync);
});

test("when the author's process ends the next one is awaited, with another token", async () => {
  host.setDesired({ plugins: [wanted("notes", "cni-notes")] });
  await seen(host, "notes", isReady);
  const detach = new AbortController();
  const events = host.tools.debug("notes", detach.signal)[Symbol.asyncIterator]();
  const own = startByHand((await events.next()).value as DebugEvent);
  expect((await events.next()).value).toMatchObject({ event: "serving" });
  own.kill("SIGKILL");
  expect((await events.next()).value).toMatchObject({ event: "ended" });
  const next = startByHand((await events.next()).value as DebugEvent);
  expect((await events.next()).value).toMatchObject({ event: "serving", pid: next.pid });
  detach.abort();
  await seen(host, "notes", (view) => isReady(view) && view.pid !== next.pid);
});

/** In Python, with nothing of ours in it. */
const path = join(import.meta.dirname, "../../examples/plugins/python");
const stranger = wanted("stranger", "", { source: { path }, contract: "device" });

test("without the SDK whoever serves on the plugin's socket is the next incarnation, and detaching restores the managed one", async () => {
  host.setDesired({ plugins: [stranger] });
  const managed = await seen(host, "stranger", isReady);
  const detach = new AbortController();
  const events = host.tools.debug("stranger", detach.signal)[Symbol.asyncIterator]();
  const own = startByHand((await events.next()).value as DebugEvent);
  expect(isAlive(managed.pid!)).toBe(false);
  expect((await events.next()).value).toMatchObject({ event: "serving", pid: own.pid });
  await seen(host, "stranger", (view) => isReady(view) && view.pid === own.pid);
  own.kill("SIGKILL");
  expect((await events.next()).value).toMatchObject({ event: "ended" });
  const next = startByHand((await events.next()).value as DebugEvent);
  expect((await events.next()).value).toMatchObject({ event: "serving", pid: next.pid });
  const gone = once(next, "exit");
  detach.abort();
  await gone;
  await seen(host, "stranger", (view) => isReady(view) && view.pid !== next.pid);
});
