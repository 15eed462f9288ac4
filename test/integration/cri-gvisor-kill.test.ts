import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { plugin } from "../../plugins/cri-gvisor/plugin.ts";
import { buildExampleImage } from "../../tools/example-image/build-example-image.ts";
import { CriNode, countTraces, eventually, requireNoTraces } from "../support/cri-node.ts";
import { containerConfig, importArchive, podConfig } from "../support/cri-pod.ts";
import { HangingRunsc, type RunscMoment, type RunscVerb } from "../support/hanging-runsc.ts";
import { type PrivateContainerd, startPrivateContainerd } from "../support/private-containerd.ts";

const manifest = join(import.meta.dirname, "../../plugins/cri-containerd/plugin.json");
const bridge = "brgvkill";

describe("a runsc that is interrupted", () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-gk-"));
  let containerd: PrivateContainerd;
  let runsc: HangingRunsc;
  let node: CriNode;
  const traces = () => countTraces([folder, containerd.folder], bridge);

  /** Of pods; what has ended may still be on its way out. */
  async function requirePodsGone(): Promise<void> {
    const left = () => {
      const { runsc: processes, namespaces, veths, cgroups } = traces();
      return { processes, namespaces, veths, cgroups };
    };
    await eventually(left, (counts) => Object.values(counts).every((count) => count === 0));
  }

  beforeAll(async () => {
    const archive = join(folder, "hello.tar");
    containerd = await startPrivateContainerd(manifest);
    runsc = new HangingRunsc(folder);
    await buildExampleImage({
      output: archive,
      reference: "docker.io/library/hello:1",
      busybox: "/bin/busybox",
    });
    node = await CriNode.start(plugin, {
      folder,
      bridge,
      subnet: "10.98.0.0/16",
      options: { containerd: containerd.endpoint },
      config: { program: runsc.program },
    });
    await importArchive(node.cri, archive);
  });

  afterEach(async () => {
    await node.removeAllPods();
    await requirePodsGone();
  });

  afterAll(async () => {
    await node[Symbol.asyncDispose]();
    await containerd[Symbol.asyncDispose]();
    await requireNoTraces([folder, containerd.folder], bridge);
    rmSync(folder, { recursive: true, force: true });
  });

  const deadlineMs = 2_000;
  const sandboxRequest = (name: string) => ({
    config: podConfig({ name, logFolder: folder }),
    runtime_handler: "",
  });

  /** How the verb ends while what it runs hangs. Rejects unless that is gone a second later. */
  async function outcomeOf(call: Promise<unknown>): Promise<string> {
    const [outcome] = await Promise.all([
      call.then(
        () => "answered",
        (error: Error) => error.message,
      ),
      runsc.untilHanging(),
    ]);
    await eventually(
      () => runsc.hanging(),
      (count) => count === 0,
      1_000,
    );
    return outcome;
  }

  test.each(["create", "start"] as const)(
    "%s that hangs is gone within a second of the deadline, and the same request then answers",
    async (verb) => {
      runsc.hangOnce("before", verb);
      const call = node.cri.runtime.runPodSandbox(sandboxRequest(verb), { deadlineMs });
      expect(await outcomeOf(call)).toMatch(/DEADLINE/);
      const answer = await node.cri.runtime.runPodSandbox(sandboxRequest(verb));
      const { status } = await node.cri.runtime.podSandboxStatus(answer);
      expect(status!.state).toBe("SANDBOX_READY");
    },
  );

  test("run, exec, kill and delete that hang are gone within a second of the deadline", async () => {
    const { runtime } = node.cri;
    const pod = await node.startPod("hangs", "sleep 1000");
    const config = containerConfig("late", ["sleep", "1000"]);
    const request = { pod_sandbox_id: pod.sandbox, config, sandbox_config: sandboxRequest("hangs").config };
    const { container_id } = await runtime.createContainer(request);
    const empty = await runtime.runPodSandbox(sandboxRequest("empty"));
    const calls: [RunscVerb, () => Promise<unknown>][] = [
      ["run", () => runtime.startContainer({ container_id }, { deadlineMs })],
      ["exec", () => runtime.execSync({ container_id: pod.container, cmd: ["true"] }, { deadlineMs })],
      ["kill", () => runtime.stopContainer({ container_id: pod.container, timeout: 30 }, { deadlineMs })],
      ["delete", () => runtime.removePodSandbox(empty, { deadlineMs })],
    ];
    for (const [verb, call] of calls) {
      runsc.hangOnce("before", verb);
      expect(await outcomeOf(call()), verb).toMatch(/DEADLINE/);
    }
  });

  /** Kills the plugin while `call` is under way and runsc hangs, and starts it again. */
  async function killAt(moment: RunscMoment, verb: RunscVerb, call: () => Promise<unknown>): Promise<void> {
    runsc.hangOnce(moment, verb);
    const ended = call().catch((error: unknown) => error);
    await runsc.untilHanging();
    await node.killPlugin();
    expect(await ended).toBeInstanceOf(Error);
    await node.restartPlugin();
    await eventually(
      () => runsc.hanging(),
      (count) => count === 0,
    );
  }

  const points: [RunscMoment, RunscVerb][] = [
    ["after", "create"],
    ["before", "start"],
  ];
  test.each(points)(
    "killed %s %s, the plugin has what it lists, and the same request answers with one sandbox",
    async (moment, verb) => {
      const request = sandboxRequest(`${moment}-${verb}`);
      await killAt(moment, verb, () => node.cri.runtime.runPodSandbox(request));
      const { pod_sandbox_id } = await node.cri.runtime.runPodSandbox(request);
      const { items } = await node.cri.runtime.listPodSandbox({});
      expect(items.map(({ id, state }) => [id, state])).toEqual([[pod_sandbox_id, "SANDBOX_READY"]]);
      expect(traces()).toMatchObject({ veths: 1 });
    },
  );

  test("killed while runsc is making a sandbox, what it has made goes with the pod", async () => {
    const request = sandboxRequest("midway");
    const call = node.cri.runtime.runPodSandbox(request).catch((error: unknown) => error);
    await eventually(traces, ({ runsc: count }) => count! > 0);
    await node.killPlugin();
    expect(await call).toBeInstanceOf(Error);
    await node.restartPlugin();
  });

  test("killed after a container was run, the plugin finds it running and starts no other", async () => {
    const pod = await node.startPod("runs", "sleep 1000");
    const config = containerConfig("second", ["sh", "-c", "echo begun; sleep 1000"], {});
    const request = { pod_sandbox_id: pod.sandbox, config, sandbox_config: sandboxRequest("runs").config };
    const { container_id } = await node.cri.runtime.createContainer(request);
    await killAt("after", "run", () => node.cri.runtime.startContainer({ container_id }));
    await node.cri.runtime.startContainer({ container_id });
    expect(await node.cri.runtime.createContainer(request)).toEqual({ container_id });
    const log = await eventually(
      () => node.log(pod, "second"),
      (text) => text.includes("begun"),
    );
    expect(log.match(/begun/g)).toHaveLength(1);
  });
});
