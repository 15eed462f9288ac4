import { readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { compareSnapshots, mentioning } from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";
import { type CniBridge, type ContainerdCri, startContainerdCri } from "../support/containerd-cri.ts";
import { freePorts } from "../support/free-ports.ts";
import { UserCore } from "../support/user-core.ts";

const root = join(import.meta.dirname, "../..");
const bridge = "attcri0";

/** A core that knows of containerd's own CRI socket and of nothing else. */
async function attach(
  name: string,
  network: "berth" | "runtime",
  options: { network?: CniBridge } = {},
): Promise<{ core: UserCore; containerd: ContainerdCri }> {
  const containerd = await startContainerdCri(options);
  onTestFinished(() => containerd[Symbol.asyncDispose]());
  const core = await UserCore.prepare(name);
  onTestFinished(() => core[Symbol.asyncDispose]());
  await core.start("--ephemeral");
  await core.apply({
    apiVersion: "berth.dev/v1alpha1",
    kind: "Plugin",
    metadata: { name: "containerd" },
    spec: { contract: "cri", network, source: { endpoint: containerd.endpoint } },
  });
  return { core, containerd };
}

const cniBridge = {
  apiVersion: "berth.dev/v1alpha1",
  kind: "Plugin",
  metadata: { name: "cni-bridge" },
  spec: {
    contract: "cni",
    dev: true,
    source: { path: join(root, "plugins/cni-bridge") },
    grants: ["root"],
    config: { bridge, ranges: [{ subnet: "10.187.61.0/24" }] },
  },
};

const pod = (name: string, image: string, command: string[], ports: object[] = []) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "main", image, imagePullPolicy: "Never", command, ports }],
  },
});

const ready = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
const serve = [
  "sh",
  "-c",
  "echo started; mkdir -p /w; echo hello > /w/index.html; exec httpd -f -p 80 -h /w",
];

async function nodeIsReady(core: UserCore): Promise<void> {
  await core.shows(["True"], "get", "node", core.nodeName, "-o", ready);
}

async function podIsReady(core: UserCore, name: string): Promise<string> {
  await core.shows(["True"], "get", "pod", name, "-o", ready);
  return (await core.kubectl("get", "pod", name, "-o", "jsonpath={.status.podIP}")).text;
}

/** kubectl's ways to a pod: its log and a command in it. */
async function useFromKubectl(core: UserCore, name: string): Promise<void> {
  await core.shows(["started"], "logs", name);
  expect((await core.kubectl("exec", name, "--", "cat", "/w/index.html")).text).toBe("hello");
}

describe("containerd's own CRI as the runtime of a node", () => {
  test("with network: berth gives pods the node's network, and takes its files away when it goes", async () => {
    const before = takeSnapshot();
    const { core, containerd } = await attach("attb", "berth");
    await core.apply(cniBridge);
    await nodeIsReady(core);
    expect(readdirSync(containerd.cni.configurations)).toEqual(["00-berth-attb-containerd.conflist"]);

    const [hostPort] = await freePorts(1);
    await core.apply(pod("web", containerd.image, serve, [{ containerPort: 80, hostPort }]));
    const address = await podIsReady(core, "web");
    expect(address).toMatch(/^10\.187\.61\./);
    await useFromKubectl(core, "web");
    await core.apply(pod("client", containerd.image, ["sleep", "600"]));
    await podIsReady(core, "client");
    await core.shows(["hello"], "exec", "client", "--", "wget", "-qO-", `http://${address}/`);
    const gateway = "10.187.61.1";
    await core.shows(["hello"], "exec", "client", "--", "wget", "-qO-", `http://${gateway}:${hostPort}/`);
    await core.shows(
      ["berth: the chain of this node"],
      "get",
      "plugininstance",
      "containerd.attb",
      "-o",
      "yaml",
    );

    await core.kubectl("delete", "pod", "web", "client", "--wait=true");
    await core.kubectl("delete", "plugin", "containerd", "--wait=true");
    await core.shows(["cni-bridge"], "get", "plugininstances");
    await expect.poll(() => readdirSync(containerd.cni.configurations), { timeout: 60_000 }).toEqual([]);
    expect(readdirSync(containerd.cni.executables)).toEqual(["loopback"]);
    await core.stop();
    expect(compareSnapshots(before, takeSnapshot(), mentioning(core.folder, bridge)).added).toEqual([]);
  });

  test("with network: berth is not ready while another configuration would be taken first", async () => {
    const { core, containerd } = await attach("attr", "berth");
    const rival = join(containerd.cni.configurations, "00-aaa.conflist");
    writeFileSync(rival, "{}");
    await core.apply(cniBridge);
    const saying = await core.shows(
      ["00-aaa.conflist"],
      "get",
      "plugininstance",
      "containerd.attr",
      "-o",
      "yaml",
    );
    expect(saying).toContain("move that file away, or set spec.network to runtime");
    renameSync(rival, `${rival}.off`);
    await nodeIsReady(core);
  });

  test("with network: runtime leaves pods on the runtime's own network, and shows it", async () => {
    const network = { bridge: "attown0", subnet: "10.187.62.0/24", masquerade: false };
    const { core, containerd } = await attach("attn", "runtime", { network });
    await nodeIsReady(core);
    await core.apply(pod("web", containerd.image, serve));
    expect(await podIsReady(core, "web")).toMatch(/^10\.187\.62\./);
    await useFromKubectl(core, "web");
    await core.shows(["runtime: its own CNI"], "get", "plugininstance", "containerd.attn", "-o", "yaml");
    await core.kubectl("delete", "pod", "web", "--wait=true");

    const configuration = join(containerd.cni.configurations, "10-bench.conflist");
    renameSync(configuration, `${configuration}.off`);
    await core.shows(["NetworkReady"], "get", "node", "attn", "-o", "yaml");
    await core.shows(["False"], "get", "node", "attn", "-o", ready);
  });
});
