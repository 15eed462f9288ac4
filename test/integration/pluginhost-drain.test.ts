import { afterEach, beforeEach, expect, it } from "vitest";
import {
  attachRequest,
  isReady,
  patientCaller,
  seen,
  type TestHost,
  TestNode,
  wanted,
} from "../support/pluginhost/test-host.ts";

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

const network = wanted("network", "cni-notes", { config: { prefix: "10.4.4" } });
const attach = (id: string) => host.network.attach("cri", attachRequest(id), patientCaller);
const detach = (id: string) => host.network.detach({ sandbox_id: id, netns: `/tmp/ns-${id}` });
const isStopped = ({ state }: { state: string }) => state === "stopped";

it("a plugin of a drained node serves what is in use until that is gone, and stays down through a restart of the core", async () => {
  host.setDesired({ plugins: [network] });
  const { pid } = await seen(host, "network", isReady);
  await attach("pod");
  host.setDesired({ plugins: [network], drained: true });
  const draining = await seen(host, "network", ({ reason }) => reason.includes("1 attachment"));
  expect(draining).toMatchObject({ state: "draining", pid, capabilities: [] });
  await host.end("leave");
  host = node.start();
  host.setDesired({ plugins: [network], drained: true });
  await seen(host, "network", ({ state, reason }) => state === "draining" && reason.includes("1 attachment"));
  await detach("pod");
  const stopped = await seen(host, "network", isStopped);
  expect(stopped.lastCause?.message).toContain("the node is drained; berth node undrain brings it back");
  expect(() => process.kill(pid!, 0)).toThrow("ESRCH");
  await host.end("leave");
  host = node.start();
  const started: number[] = [];
  host.onDidChange((view) => view.pid !== undefined && started.push(view.pid));
  host.setDesired({ plugins: [network], drained: true });
  await seen(host, "network", isStopped);
  expect(started).toEqual([]);
  host.setDesired({ plugins: [network], drained: false });
  await seen(host, "network", isReady);
  expect((await attach("next")).result?.ips?.[0]?.address).toMatch(/^10\.4\.4\./);
  host.setDesired({ plugins: [network], drained: true });
  await seen(host, "network", ({ state, reason }) => state === "draining" && reason.includes("1 attachment"));
});

it("taken back half way, it goes on as it was, in the same process", async () => {
  host.setDesired({ plugins: [network] });
  const { pid } = await seen(host, "network", isReady);
  await attach("pod");
  host.setDesired({ plugins: [network], drained: true });
  await seen(host, "network", ({ state }) => state === "draining");
  host.setDesired({ plugins: [network], drained: false });
  expect(await seen(host, "network", isReady)).toMatchObject({
    pid,
    incarnation: 1,
    capabilities: ["network"],
  });
  await attach("other");
});

it("a network stays for a runtime that still has something, or cannot say that it has not", async () => {
  const plugins = [network, wanted("runtime", "raw-cri", { contract: "cri", grants: [] })];
  host.setDesired({ plugins });
  await seen(host, "network", isReady);
  host.setDesired({ plugins, drained: true });
  const staying = await seen(host, "network", ({ reason }) => reason.includes("until that is gone: runtime"));
  expect(staying).toMatchObject({
    state: "draining",
    reason: expect.stringContaining("gone: runtime runtime") as string,
  });
});
