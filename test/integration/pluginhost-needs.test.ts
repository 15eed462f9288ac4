import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PluginSpec } from "../../core/pluginhost/contracts/plugin-types.ts";
import type { DesiredPlugin } from "../../core/pluginhost/contracts/plugin-host.ts";
import { isReady, seen, standIns, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

let node: TestNode;
let host: TestHost;

beforeEach(() => {
  // Restarts that are waited for come soon.
  node = new TestNode({
    numbers: { restart: { baseMs: 1, capMs: 100, goodMs: 1e9, budget: 100, windowMs: 1e9 } },
  });
  host = node.start();
});

afterEach(async () => {
  await host.end("teardown");
  node.remove();
});

/** A stand-in that also needs something. */
function needing(
  name: string,
  standIn: string,
  needs: string[],
  spec: Partial<PluginSpec> = {},
): DesiredPlugin {
  const folder = join(node.root, name);
  const manifest = JSON.parse(readFileSync(join(standIns, standIn, "plugin.json"), "utf8")) as object;
  const entry = ["${node}", join(standIns, standIn, "main.ts")];
  mkdirSync(folder);
  writeFileSync(join(folder, "plugin.json"), JSON.stringify({ ...manifest, entry, needs }));
  return wanted(name, folder, spec);
}

const driver = (more: Partial<PluginSpec> = {}) =>
  wanted("driver", "csi-liar", { contract: "csi", grants: [], ...more });
const isWaiting = ({ state }: { state: string }) => state === "waiting";

describe("a plugin that needs another", () => {
  it("waits with the reason while nobody provides it, without a process, and starts by itself then", async () => {
    const user = needing("user", "cni-notes", ["contract:csi"]);
    host.setDesired({ plugins: [user] });
    const waiting = await seen(host, "user", isWaiting);
    expect(waiting).toMatchObject({
      reason: "waiting for contract:csi, which no plugin of this node provides",
      pid: undefined,
      restarts: 0,
    });
    host.setDesired({ plugins: [user, driver()] });
    expect(await seen(host, "user", isReady)).toMatchObject({ incarnation: 1, restarts: 0 });
  });

  it("in a ring says so instead of waiting in it for ever, and is ready when the ring is broken", async () => {
    const user = needing("user", "cni-notes", ["contract:csi"]);
    const spec: Partial<PluginSpec> = { contract: "csi", grants: [] };
    host.setDesired({ plugins: [user, needing("driver", "csi-liar", ["contract:cni"], spec)] });
    const ring =
      /^its needs form a ring: (user → driver → user|driver → user → driver); one of them must do without$/;
    const isInRing = ({ reason }: { reason: string }) => ring.test(reason);
    // Who was planned first may have come up before the ring was closed.
    for (const name of ["user", "driver"]) {
      const { state } = await seen(host, name, isInRing);
      expect(["waiting", "degraded"]).toContain(state);
    }
    // Without what closed it nothing is in a ring any more.
    host.setDesired({ plugins: [user, driver({ version: "0.1.0" })] });
    await seen(host, "user", isReady);
  });

  it("is degraded while the other is lost and ready with it again, in one life; who does not need it never notices", async () => {
    const user = needing("user", "cni-notes", ["contract:csi"]);
    host.setDesired({
      plugins: [user, driver(), wanted("other", "cni-notes", { config: { prefix: "10.10.0" } })],
    });
    const before = await seen(host, "user", isReady);
    const other = await seen(host, "other", isReady);
    const lost = await seen(host, "driver", isReady);
    const noticed: string[] = [];
    const listening = host.onDidChange(({ name, state }) => {
      if (name === "other" && state !== "ready") noticed.push(state);
    });
    const degraded = seen(host, "user", ({ state }) => state === "degraded");
    process.kill(lost.pid!, "SIGKILL");
    expect((await degraded).reason).toBe("waiting for contract:csi, which is not ready yet");
    expect(await seen(host, "user", isReady)).toMatchObject({ pid: before.pid, restarts: 0 });
    expect(await seen(host, "driver", isReady)).toMatchObject({ restarts: 1 });
    expect(await seen(host, "other", isReady)).toMatchObject({ pid: other.pid, restarts: 0 });
    expect(noticed).toEqual([]);
    await listening.dispose();
  });
});
