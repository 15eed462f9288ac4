import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  copyFileSync,
  renameSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildExampleImage } from "../../tools/example-image/build-example-image.ts";
import { containerConfig, type CriClient, importArchive, podConfig } from "../support/cri-pod.ts";
import { countTraces, requireNoTraces, CriNode, eventually } from "../support/cri-node.ts";
import { startPrivateContainerd, type PrivateContainerd } from "../support/private-containerd.ts";
import { plugin } from "../../plugins/cri-containerd/plugin.ts";

const manifest = join(import.meta.dirname, "../../plugins/cri-containerd/plugin.json");

describe("cri-containerd on a real containerd and runc", () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-cri-"));
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
      bridge: "brcritest",
      subnet: "10.93.0.0/16",
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
    await requireNoTraces([folder, containerd.folder], "brcritest");
    rmSync(folder, { recursive: true, force: true });
  });

  /** Root file systems of containers, as containerd's own tool lists them. */
  function snapshots(): string[] {
    const address = containerd.endpoint.slice("unix://".length);
    const list = execFileSync("ctr", ["--address", address, "--namespace", "berth", "snapshots", "list"]);
    const rows = String(list)
      .split("\n")
      .map((line) => line.split(/\s+/));
    return rows.flatMap((row) => (row.includes("Active") ? [row[0]!] : [])).toSorted();
  }

  const startPod = (name: string, script: string, extra = {}) => node.startPod(name, script, extra);

  test("an imported image is known by tag, digest and id", async () => {
    const { images } = await cri.image.listImages({});
    expect(images).toHaveLength(1);
    const [image] = images;
    for (const name of ["hello:1", "docker.io/library/hello:1", image!.id, image!.repo_digests[0]!]) {
      expect((await cri.image.imageStatus({ image: { image: name } })).image?.id).toBe(image!.id);
    }
  });

  test("an archive that is cut short is refused and leaves no image", async () => {
    const short = join(folder, "short.tar");
    for (const share of [0.3, 0.7, 0.95]) {
      copyFileSync(archive, short);
      truncateSync(short, Math.floor(statSync(archive).size * share));
      await expect(importArchive(cri, short, "docker.io/library/short:1")).rejects.toThrow(
        /INVALID_ARGUMENT.*archive/s,
      );
    }
    const names = (await cri.image.listImages({})).images.flatMap(({ repo_tags }) => repo_tags ?? []);
    expect(names).toEqual(["docker.io/library/hello:1"]);
  });

  test("two containers of a pod share its address, name and shared memory, not their processes", async () => {
    const pod = await startPod("shared", "httpd -f -p 8080 -h /www");
    const second = await node.startContainer(pod, "second", "sleep 1000");
    const exec = (id: string, script: string) => node.exec(id, script);
    expect((await exec(second, "hostname")).stdout).toBe("shared\n");
    const page = await eventually(
      () => exec(second, "wget -qO- http://127.0.0.1:8080/"),
      ({ code }) => code === 0,
    );
    expect(page.stdout).toContain("hello");
    await exec(pod.container, "echo kept > /dev/shm/x");
    expect((await exec(second, "cat /dev/shm/x")).stdout).toBe("kept\n");
    expect((await exec(second, "pgrep httpd || echo none")).stdout).toBe("none\n");
  });

  test("a pod reaches another pod by its address", async () => {
    const server = await startPod("server", "httpd -f -p 8080 -h /www");
    const client = await startPod("client", "sleep 1000");
    const { status } = await cri.runtime.podSandboxStatus({ pod_sandbox_id: server.sandbox });
    const answer = await eventually(
      () => node.exec(client.container, `wget -qO- http://${status!.network!.ip}:8080/`),
      ({ code }) => code === 0,
    );
    expect(answer.stdout).toContain("hello from a pod");
  });

  test("the same calls again answer the same ids and make nothing twice", async () => {
    const config = podConfig({ name: "twice", logFolder: folder });
    const first = await cri.runtime.runPodSandbox({ config });
    expect(await cri.runtime.runPodSandbox({ config })).toEqual(first);
    const container = containerConfig("main", ["sleep", "1000"]);
    const request = { pod_sandbox_id: first.pod_sandbox_id, config: container, sandbox_config: config };
    const created = await cri.runtime.createContainer(request);
    expect(await cri.runtime.createContainer(request)).toEqual(created);
    await cri.runtime.startContainer({ container_id: created.container_id });
    await cri.runtime.startContainer({ container_id: created.container_id });
    expect((await cri.runtime.listContainers({})).containers).toHaveLength(1);
  });

  test("exit code, reason and last words of a container are kept", async () => {
    const pod = await startPod("dies", "echo bye; exit 7");
    const status = await node.untilExited(pod.container);
    expect(status).toMatchObject({ exit_code: 7, reason: "Error", state: "CONTAINER_EXITED" });
    expect(node.log(pod, "main")).toMatch(/ stdout F bye\n$/);
  });

  test("a container killed for memory says so", async () => {
    const pod = await startPod("eats", "exec dd if=/dev/zero of=/dev/shm/x bs=1M count=60", {
      resources: { memory_limit_in_bytes: 16 * 1024 * 1024 },
    });
    const status = await node.untilExited(pod.container);
    expect(status.reason).toBe("OOMKilled");
  });

  test("output written while the plugin is dead is in the log once and in order", async () => {
    const pod = await startPod(
      "chatty",
      "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); [ $((i%100)) = 0 ] && sleep 0.02; done; sleep 1000",
    );
    await eventually(
      () => node.log(pod, "main"),
      (text) => text.includes("line 100\n"),
    );
    await node.killPlugin();
    await node.restartPlugin();
    const text = await eventually(
      () => node.log(pod, "main"),
      (log) => log.includes("line 2999\n"),
    );
    const numbers = [...text.matchAll(/ F line (\d+)$/gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 3000 }, (_, index) => index));
    cri = node.cri;
  });

  test("a killed plugin finds its pods again, also those that ended meanwhile", async () => {
    const lives = await startPod("lives", "sleep 1000");
    const ends = await startPod("ends", "sleep 0.5; exit 5");
    await node.killPlugin();
    await eventually(
      () => node.processesOf(ends.sandbox),
      (count) => count === 0,
    );
    await node.restartPlugin();
    cri = node.cri;
    expect((await node.untilExited(ends.container)).exit_code).toBe(5);
    const { status } = await cri.runtime.containerStatus({ container_id: lives.container });
    expect(status!.state).toBe("CONTAINER_RUNNING");
    expect((await node.exec(lives.container, "echo here")).stdout).toBe("here\n");
  });

  test("killed inside RunPodSandbox, it has what it lists: the same request again answers, and the rest can be removed", async () => {
    const names = ["k0", "k1", "k2", "k3", "k4", "k5"];
    const veths = (): number => countTraces([folder, containerd.folder], "brcritest").veths ?? 0;
    const run = async (name: string): Promise<string> => {
      const config = podConfig({ name, logFolder: folder });
      return (await node.cri.runtime.runPodSandbox({ config, runtime_handler: "" })).pod_sandbox_id;
    };
    const calls = Promise.allSettled(names.map(run));
    await eventually(veths, (count) => count > 0);
    await node.killPlugin();
    await calls;
    await node.restartPlugin();
    cri = node.cri;
    const again = await Promise.all(names.slice(0, 3).map(run));
    const { items } = await cri.runtime.listPodSandbox({});
    const rest = items.map(({ id }) => id).filter((id) => !again.includes(id));
    await Promise.all(rest.map((id) => cri.runtime.removePodSandbox({ pod_sandbox_id: id })));
    const left = (await cri.runtime.listPodSandbox({})).items;
    expect(left.map(({ id }) => id).toSorted()).toEqual(again.toSorted());
    expect(veths()).toBe(again.length);
  });

  test("killed inside CreateContainer, it has what it lists, once: snapshots and folders included", async () => {
    const config = podConfig({ name: "creates", logFolder: folder });
    const { pod_sandbox_id } = await cri.runtime.runPodSandbox({ config });
    const folders = join(folder, "plugin-state", "containers");
    const names = Array.from({ length: 12 }, (_, index) => `c${index}`);
    const create = async (name: string): Promise<string> => {
      const request = { pod_sandbox_id, config: containerConfig(name, ["true"]), sandbox_config: config };
      return (await node.cri.runtime.createContainer(request)).container_id;
    };
    for (const enough of [1, 6]) {
      const calls = Promise.allSettled(names.map(create));
      await eventually(snapshots, (list) => list.length >= enough);
      await node.killPlugin();
      await calls;
      await node.restartPlugin();
      cri = node.cri;
      const listed = (await cri.runtime.listContainers({})).containers.map(({ id }) => id).toSorted();
      expect(snapshots()).toEqual(listed);
      expect(existsSync(folders) ? readdirSync(folders).toSorted() : []).toEqual(listed);
      const ids = await Promise.all(names.map(create));
      expect(ids.toSorted()).toEqual(expect.arrayContaining(listed));
      expect(snapshots()).toEqual(ids.toSorted());
      expect(readdirSync(folders).toSorted()).toEqual(ids.toSorted());
      await Promise.all(ids.map((container_id) => cri.runtime.removeContainer({ container_id })));
      expect(snapshots()).toEqual([]);
    }
  });

  test("containerd killed and started again loses no container", async () => {
    const pod = await startPod("stays", "sleep 1000");
    await containerd.restart();
    const answer = await eventually(
      () => node.exec(pod.container, "echo here").catch(() => ({ stdout: "", code: -1 })),
      ({ stdout }) => stdout === "here\n",
    );
    expect(answer.code).toBe(0);
  });

  test("a rotated log goes on in a new file and loses no line", async () => {
    const pod = await startPod(
      "rotates",
      "i=0; while [ $i -lt 400 ]; do echo line $i; i=$((i+1)); sleep 0.005; done; sleep 1000",
    );
    const path = node.logPath(pod, "main");
    await eventually(
      () => readFileSync(path, "utf8"),
      (text) => text.includes("line 50\n"),
    );
    renameSync(path, `${path}.1`);
    await cri.runtime.reopenContainerLog({ container_id: pod.container });
    await eventually(
      () => readFileSync(path, "utf8"),
      (text) => text.includes("line 399\n"),
    );
    const both = readFileSync(`${path}.1`, "utf8") + readFileSync(path, "utf8");
    const numbers = [...both.matchAll(/ F line (\d+)$/gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 400 }, (_, index) => index));
  });

  test("a command that overstays its time is killed and leaves no process", async () => {
    const pod = await startPod("slow", "sleep 1000");
    await expect(
      cri.runtime.execSync({ container_id: pod.container, cmd: ["sleep", "77"], timeout: 1 }),
    ).rejects.toThrow(/DEADLINE_EXCEEDED.*killed/s);
    expect((await node.exec(pod.container, "ps")).stdout).not.toContain("sleep 77");
  });

  test("containers of a pod that shares processes see each other", async () => {
    const pod = await startPod("family", "sleep 1000", { pid: "POD" });
    const second = await node.startContainer(pod, "second", "sleep 2000", { pid: "POD" });
    const list = async () => (await node.exec(second, "ps")).stdout;
    await expect.poll(list, { timeout: 60_000 }).toMatch(/sleep 1000[^]*sleep 2000|sleep 2000[^]*sleep 1000/);
  });

  test("a sandbox that cannot have its network is undone whole", async () => {
    const ours = [folder, containerd.folder];
    const traces = countTraces(ours, "brcritest");
    await node.withoutNetwork(async (lonely) => {
      const config = podConfig({ name: "lonely", logFolder: folder });
      await expect(lonely.runtime.runPodSandbox({ config })).rejects.toThrow(/network/);
      expect((await lonely.runtime.listPodSandbox({})).items).toEqual([]);
    });
    expect(countTraces(ours, "brcritest")).toEqual(traces);
  });

  test("an unknown handler is refused with the nearest name", async () => {
    const config = podConfig({ name: "wrong", logFolder: folder });
    await expect(cri.runtime.runPodSandbox({ config, runtime_handler: "rnc" })).rejects.toThrow(
      /Did you mean runc/,
    );
  });

  test("a group without a user is refused, as the contract says", async () => {
    const config = podConfig({ name: "group", logFolder: folder });
    const { pod_sandbox_id } = await cri.runtime.runPodSandbox({ config });
    const container = containerConfig("main", ["true"], { security: { run_as_group: { value: 5 } } });
    const request = { pod_sandbox_id, config: container, sandbox_config: config };
    await expect(cri.runtime.createContainer(request)).rejects.toThrow(/run_as_group.*without run_as_user/);
    expect((await cri.runtime.listContainers({})).containers).toEqual([]);
  });

  test("creating a container never pulls: an absent image is named", async () => {
    const config = podConfig({ name: "noimage", logFolder: folder });
    const { pod_sandbox_id } = await cri.runtime.runPodSandbox({ config });
    const container = {
      ...containerConfig("main", ["true"]),
      image: { image: "docker.io/library/absent:9" },
    };
    await expect(
      cri.runtime.createContainer({
        pod_sandbox_id: pod_sandbox_id,
        config: container,
        sandbox_config: config,
      }),
    ).rejects.toThrow(/NOT_FOUND.*absent:9 is not on this node/s);
  });

  test("what a command needs and the image lacks is said by start, and the container has ended", async () => {
    const config = podConfig({ name: "noprogram", logFolder: folder });
    const { pod_sandbox_id } = await cri.runtime.runPodSandbox({ config });
    const { container_id } = await cri.runtime.createContainer({
      pod_sandbox_id: pod_sandbox_id,
      config: containerConfig("main", ["/no/such/program"]),
      sandbox_config: config,
    });
    await expect(cri.runtime.startContainer({ container_id: container_id })).rejects.toThrow(/no such file/);
    const { status } = await cri.runtime.containerStatus({ container_id: container_id });
    expect(status).toMatchObject({ state: "CONTAINER_EXITED", reason: "StartError", exit_code: 128 });
  });
});
