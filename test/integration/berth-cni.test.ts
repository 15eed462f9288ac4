import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startContainerdCri } from "../support/containerd-cri.ts";
import { eventually } from "../support/cri-node.ts";
import { containerConfig, podConfig } from "../support/cri-pod.ts";
import { type PluginProcess, startPluginProcess } from "../support/plugin-process.ts";

// No Berth session anywhere here: a network plugin by hand, and CNI runtimes that are none of ours.
const program = join(import.meta.dirname, "../../dist/cni/berth-cni.js");
const config = { bridge: "bcni0", ranges: [{ subnet: "10.187.63.0/24" }], masquerade: false };

const repository = join(import.meta.dirname, "../..");

let folder: string;
let network: PluginProcess;
let endpoint: string;

beforeAll(async () => {
  if (!existsSync(program)) throw new Error(`${program} is missing; \`npm run build\` makes it`);
  folder = mkdtempSync(join(tmpdir(), "bcni-"));
  network = await startPluginProcess(join(repository, "plugins/cni-bridge"), folder, {}, config);
  endpoint = network.endpoint;
});

afterAll(async () => {
  await network.kill("SIGTERM");
  // By hand nobody tells the plugin to tear its network down.
  spawnSync("ip", ["link", "delete", config.bridge]);
  spawnSync("nft", ["delete", "table", "inet", `berth_${config.bridge}`]);
  rmSync(folder, { recursive: true, force: true });
});

/** A network namespace as a container runtime makes it. */
function makeNamespace(): { path: string; links: () => string } {
  const name = `bcni-${process.pid}`;
  execFileSync("ip", ["netns", "add", name]);
  onTestFinished(() => void spawnSync("ip", ["netns", "delete", name]));
  const links = (): string => execFileSync("ip", ["-n", name, "-o", "link"], { encoding: "utf8" });
  return { path: `/run/netns/${name}`, links };
}

const ports = (): string =>
  execFileSync("ip", ["-o", "link", "show", "master", config.bridge], { encoding: "utf8" });

/** The program as a CNI runtime starts it. */
async function call(verb: string, netns: string, section: object) {
  const child = spawn(process.execPath, [program], {
    env: { CNI_COMMAND: verb, CNI_CONTAINERID: "c1", CNI_IFNAME: "eth0", CNI_NETNS: netns },
  });
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.stdin.end(JSON.stringify({ name: "net", type: "berth-cni", ...section }));
  const stdout = await text(child.stdout);
  const said = stdout === "" ? undefined : (JSON.parse(stdout) as Readonly<Record<string, unknown>>);
  return { status: await exited, said };
}

test.each(["0.3.1", "0.4.0", "1.0.0", "1.1.0"])(
  "berth-cni answers a runtime of version %s in that version, and takes everything back",
  async (cniVersion) => {
    const { path: netns, links } = makeNamespace();
    const added = await call("ADD", netns, { cniVersion, endpoint });
    expect(added).toMatchObject({
      status: 0,
      said: { cniVersion, ips: [{ address: expect.stringMatching(/^10\.187\.63\.\d+\/24$/) as string }] },
    });
    const old = cniVersion < "1.0.0";
    expect((added.said as { ips: object[] }).ips[0]).toEqual(
      expect.objectContaining(old ? { version: "4" } : { gateway: "10.187.63.1" }),
    );
    expect(links()).toContain("eth0");
    const checked = await call("CHECK", netns, { cniVersion, endpoint, prevResult: added.said });
    // CHECK is younger than 0.3.1.
    expect(checked.status).toBe(cniVersion === "0.3.1" ? 1 : 0);
    expect(await call("DEL", netns, { cniVersion, endpoint })).toEqual({ status: 0, said: undefined });
    expect((await call("DEL", "", { cniVersion, endpoint })).status).toBe(0);
    expect(links()).not.toContain("eth0");
  },
);

test("berth-cni answers VERSION and STATUS, and GC takes back what the runtime does not list", async () => {
  const { path: netns, links } = makeNamespace();
  const section = { cniVersion: "1.1.0", endpoint };
  expect((await call("VERSION", "", section)).said).toEqual({
    cniVersion: "1.1.0",
    supportedVersions: ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"],
  });
  expect(await call("STATUS", "", section)).toEqual({ status: 0, said: undefined });
  expect((await call("ADD", netns, section)).status).toBe(0);
  const list = [{ containerID: "c1", ifname: "eth0" }];
  for (const key of ["cni.dev/valid-attachments", "cni.dev/attachments"]) {
    expect((await call("GC", "", { ...section, [key]: list })).status).toBe(0);
    expect(links()).toContain("eth0");
  }
  expect((await call("GC", "", { ...section, "cni.dev/valid-attachments": null })).status).toBe(0);
  expect(links()).not.toContain("eth0");
});

test("berth-cni passes the plugin's own error on, and says when nobody serves", async () => {
  const missing = await call("ADD", "/run/netns/none-of-that-name", { cniVersion: "1.0.0", endpoint });
  expect(missing).toMatchObject({ status: 1, said: { code: 3, details: expect.any(String) as string } });
  const nobody = await call("ADD", "/n", { cniVersion: "1.0.0", endpoint: "unix:///nowhere/x.sock" });
  expect(nobody).toMatchObject({ status: 1, said: { code: 11 } });
});

test("containerd's own CRI calls a network plugin of ours through berth-cni", async () => {
  await using containerd = await startContainerdCri();
  const { cni, cri, image } = containerd;
  writeFileSync(join(cni.executables, "berth-cni"), `#!/bin/sh\nexec '${process.execPath}' '${program}'\n`, {
    mode: 0o755,
  });
  const list = { cniVersion: "1.0.0", name: "net", plugins: [{ type: "berth-cni", endpoint }] };
  writeFileSync(join(cni.configurations, "10-net.conflist"), JSON.stringify(list));
  await eventually(
    () => cri.runtime.status({}),
    ({ status }) => status?.conditions.find(({ type }) => type === "NetworkReady")?.status === true,
  );
  const pod = podConfig({ name: "alone", logFolder: containerd.folder });
  const { pod_sandbox_id } = await cri.runtime.runPodSandbox({ config: pod, runtime_handler: "" });
  try {
    const container = { ...containerConfig("main", ["sleep", "600"]), image: { image } };
    const { container_id } = await cri.runtime.createContainer({
      pod_sandbox_id,
      config: container,
      sandbox_config: pod,
    });
    await cri.runtime.startContainer({ container_id });
    const { status } = await cri.runtime.podSandboxStatus({ pod_sandbox_id });
    expect(ports()).not.toBe("");
    expect(status?.network?.ip).toMatch(/^10\.187\.63\./);
  } finally {
    await cri.runtime.stopPodSandbox({ pod_sandbox_id });
    await cri.runtime.removePodSandbox({ pod_sandbox_id });
  }
  expect(ports()).toBe("");
});
