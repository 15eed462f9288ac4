import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { plugin } from "../../plugins/cri-gvisor/plugin.ts";
import { buildExampleImage } from "../../tools/example-image/build-example-image.ts";
import { requireNoTraces, CriNode, eventually } from "../support/cri-node.ts";
import { type CriClient, importArchive } from "../support/cri-pod.ts";
import { type PrivateContainerd, startPrivateContainerd } from "../support/private-containerd.ts";

const manifest = join(import.meta.dirname, "../../plugins/cri-containerd/plugin.json");

describe("cri-gvisor on a real runsc", () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-gv-"));
  const archive = join(folder, "hello.tar");
  let containerd: PrivateContainerd;
  let node: CriNode;
  let cri: CriClient;

  beforeAll(async () => {
    containerd = await startPrivateContainerd(manifest);
    await buildExampleImage({
      output: archive,
      reference: "docker.io/library/hello:1",
      busybox: "/bin/busybox",
    });
    node = await CriNode.start(plugin, {
      folder,
      bridge: "brgvtest",
      subnet: "10.94.0.0/16",
      options: { containerd: containerd.endpoint },
    });
    cri = node.cri;
    await importArchive(cri, archive);
  });

  afterEach(async () => {
    await node.removeAllPods();
  });

  afterAll(async () => {
    await node[Symbol.asyncDispose]();
    await containerd[Symbol.asyncDispose]();
    await requireNoTraces([folder, containerd.folder], "brgvtest");
    rmSync(folder, { recursive: true, force: true });
  });

  test("a container runs on gVisor's kernel and its output is in its log", async () => {
    const pod = await node.startPod("kernel", "dmesg; hostname; exit 3");
    expect(await node.untilExited(pod.container)).toMatchObject({ exit_code: 3, reason: "Error" });
    expect(node.log(pod, "main")).toMatch(/stdout F .*Starting gVisor/);
    expect(node.log(pod, "main")).toMatch(/stdout F kernel\n$/);
  });

  test("two containers of a pod share its address, and pods reach each other", async () => {
    const server = await node.startPod("server", "httpd -f -p 8080 -h /www");
    const beside = await node.startContainer(server, "beside", "sleep 1000");
    const client = await node.startPod("client", "sleep 1000");
    const local = await eventually(
      () => node.exec(beside, "wget -qO- http://127.0.0.1:8080/"),
      ({ code }) => code === 0,
    );
    expect(local.stdout).toContain("hello from a pod");
    const { status } = await cri.runtime.podSandboxStatus({ pod_sandbox_id: server.sandbox });
    const far = await node.exec(client.container, `wget -qO- http://${status!.network!.ip}:8080/`);
    expect(far.stdout).toContain("hello from a pod");
  });

  /** As runsc tells it, without the plugin. */
  async function statusOf(container: string): Promise<string | undefined> {
    const root = join(folder, "cri-gvisor.run/r");
    const { stdout } = await execa("runsc", ["--root", root, "list", "--format", "json"]);
    const listed = JSON.parse(stdout) as { id: string; status: string }[];
    return listed.find(({ id }) => container.startsWith(id))?.status;
  }

  test("a killed plugin finds its sandboxes again, also the ends it missed", async () => {
    const lives = await node.startPod("lives", "sleep 1000");
    const ends = await node.startPod("ends", "sleep 1; exit 5");
    await node.killPlugin();
    await eventually(
      () => statusOf(ends.container),
      (status) => status === "stopped",
    );
    await node.restartPlugin();
    cri = node.cri;
    expect((await node.untilExited(ends.container)).exit_code).toBe(5);
    const { status } = await cri.runtime.containerStatus({ container_id: lives.container });
    expect(status!.state).toBe("CONTAINER_RUNNING");
    expect((await node.exec(lives.container, "echo here")).stdout).toBe("here\n");
  });

  test("a command that overstays its time is killed in the sandbox too", async () => {
    const pod = await node.startPod("slow", "sleep 1000");
    await expect(
      cri.runtime.execSync({ container_id: pod.container, cmd: ["sleep", "77"], timeout: 1 }),
    ).rejects.toThrow(/DEADLINE_EXCEEDED.*killed/s);
    expect((await node.exec(pod.container, "ps")).stdout).not.toContain("sleep 77");
  });

  test("a container that is stopped gets its signal first", async () => {
    const pod = await node.startPod("polite", "trap 'echo bye; exit 0' TERM; while :; do sleep 0.1; done");
    await eventually(
      () => node.exec(pod.container, "ps"),
      ({ code }) => code === 0,
    );
    await cri.runtime.stopContainer({ container_id: pod.container, timeout: 10 });
    expect(await node.untilExited(pod.container)).toMatchObject({ exit_code: 0, reason: "Completed" });
    expect(node.log(pod, "main")).toMatch(/stdout F bye\n$/);
  });
});
