import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { detectCgroups, listPids, readMounts } from "@berth/linux";
import type { PluginDefinition } from "@berth/sdk";
import { type PluginUnderTest, startForTest } from "@berth/sdk/testing/index.ts";
import { plugin as bridge } from "../../plugins/cni-bridge/plugin.ts";
import { connectCri, containerConfig, type CriClient, podConfig } from "./cri-pod.ts";
import { type PluginProcess, startPluginProcess } from "./plugin-process.ts";

export interface RunningPod {
  name: string;
  sandbox: string;
  container: string;
}

export interface PodExtra {
  pid?: "POD" | "CONTAINER";
  resources?: { memory_limit_in_bytes: number };
  handler?: string;
  stdin?: boolean | "once";
}

/** A CRI plugin in a process of its own, with cni-bridge for its network, and short words to drive it. */
export class CriNode implements AsyncDisposable {
  readonly #definition: PluginDefinition<never>;
  readonly #folder: string;
  readonly #network: PluginUnderTest;
  readonly #options: Record<string, string>;
  readonly #config: Record<string, unknown>;
  #plugin: PluginProcess;
  cri: CriClient;

  private constructor(
    definition: PluginDefinition<never>,
    folder: string,
    network: PluginUnderTest,
    options: Record<string, string>,
    config: Record<string, unknown>,
    plugin: PluginProcess,
  ) {
    this.#definition = definition;
    this.#folder = folder;
    this.#network = network;
    this.#options = options;
    this.#config = config;
    this.#plugin = plugin;
    this.cri = connectCri(plugin.endpoint);
  }

  static async start(
    definition: { readonly folder: string },
    options: {
      folder: string;
      bridge: string;
      subnet: string;
      options: Record<string, string>;
      config?: Record<string, unknown>;
    },
  ): Promise<CriNode> {
    const network = await startForTest(bridge, {
      config: { bridge: options.bridge, ranges: [{ subnet: options.subnet }], masquerade: false },
    });
    const own = { ...options.options, "network-endpoint": network.endpoint };
    const config = options.config ?? {};
    const plugin = await startPluginProcess(definition.folder, options.folder, own, config);
    return new CriNode(definition as PluginDefinition<never>, options.folder, network, own, config, plugin);
  }

  /** kill -9 of the plugin, and nothing else. */
  async killPlugin(): Promise<void> {
    this.cri.close();
    await this.#plugin.kill("SIGKILL");
  }

  async restartPlugin(): Promise<void> {
    this.#plugin = await startPluginProcess(
      this.#definition.folder,
      this.#folder,
      this.#options,
      this.#config,
    );
    this.cri = connectCri(this.#plugin.endpoint);
  }

  /** The same plugin without a network, beside the first one, in a namespace of its own. */
  async withoutNetwork(action: (cri: CriClient) => Promise<void>): Promise<void> {
    const { "network-endpoint": _, ...options } = this.#options;
    const folder = join(this.#folder, "lonely");
    const plugin = await startPluginProcess(this.#definition.folder, folder, options, {
      namespace: "lonely",
    });
    const cri = connectCri(plugin.endpoint);
    try {
      await action(cri);
    } finally {
      cri.close();
      await plugin.kill("SIGTERM");
    }
  }

  async startPod(name: string, script: string, extra: PodExtra = {}): Promise<RunningPod> {
    const config = podConfig({ name, logFolder: this.#folder, ...(extra.pid && { pid: extra.pid }) });
    const answer = await this.cri.runtime.runPodSandbox({ config, runtime_handler: extra.handler ?? "" });
    appendFileSync(join(this.#folder, seenSandboxes), `${answer.pod_sandbox_id}\n`);
    const pod = { name, sandbox: answer.pod_sandbox_id, container: "" };
    pod.container = await this.startContainer(pod, "main", script, extra);
    return pod;
  }

  async startContainer(pod: RunningPod, name: string, script: string, extra: PodExtra = {}): Promise<string> {
    const config = containerConfig(name, ["sh", "-c", script]);
    config.stdin = Boolean(extra.stdin);
    config.stdin_once = extra.stdin === "once";
    config.linux!.resources = extra.resources ?? null;
    config.linux!.security_context!.namespace_options!.pid = extra.pid ?? "CONTAINER";
    const { container_id } = await this.cri.runtime.createContainer({
      pod_sandbox_id: pod.sandbox,
      config,
      sandbox_config: podConfig({ name: pod.name, logFolder: this.#folder }),
    });
    await this.cri.runtime.startContainer({ container_id: container_id });
    return container_id;
  }

  async exec(container: string, script: string): Promise<{ code: number; stdout: string; stderr: string }> {
    const answer = await this.cri.runtime.execSync({
      container_id: container,
      cmd: ["sh", "-c", script],
      timeout: 20,
    });
    const text = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString("utf8");
    return { code: answer.exit_code ?? 0, stdout: text(answer.stdout), stderr: text(answer.stderr) };
  }

  async untilExited(container: string) {
    const status = async () => (await this.cri.runtime.containerStatus({ container_id: container })).status!;
    return eventually(status, ({ state }) => state === "CONTAINER_EXITED");
  }

  logPath(pod: RunningPod, container: string): string {
    return join(this.#folder, pod.name, `${container}.log`);
  }

  log(pod: RunningPod, container: string): string {
    return readFileSync(this.logPath(pod, container), "utf8");
  }

  /** Processes in the pod's control groups. */
  processesOf(sandbox: string): number {
    return listPids().filter((pid) => {
      try {
        const groups = readFileSync(`/proc/${pid}/cgroup`, "utf8");
        return groups.includes(sandbox) && !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
      } catch {
        return false;
      }
    }).length;
  }

  async removeAllPods(): Promise<void> {
    const { items } = await this.cri.runtime.listPodSandbox({});
    await Promise.all(
      (items ?? []).map(({ id }) => this.cri.runtime.removePodSandbox({ pod_sandbox_id: id })),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cri.close();
    await this.#plugin.kill("SIGTERM");
    await this.#network.stop("teardown");
  }
}

/** Asks until the answer fits. */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  fits: (value: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (fits(value)) return value;
    if (Date.now() > end)
      throw new Error(`not within ${withinMs} ms; last seen: ${JSON.stringify(value)?.slice(0, 2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * What pods leave on a machine when something is forgotten, counted without asking whoever made it. Only what carries one of
 * the folders in its name counts: others may run pods at the same time.
 */
export function countTraces(folders: readonly string[], bridge: string): Record<string, number> {
  const isOurs = (text: string): boolean => folders.some((folder) => text.includes(folder));
  const commands = listPids()
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .filter(isOurs);
  const mounts = readMounts().filter(({ target }) => isOurs(target));
  return {
    shims: commands.filter((command) => command.includes("containerd-shim")).length,
    runsc: commands.filter((command) => command.startsWith("runsc")).length,
    namespaces: mounts.filter(({ type }) => type === "nsfs").length,
    mounts: mounts.length,
    cgroups: sandboxesOf(folders).flatMap((id) => groupsNamed(id)).length,
    veths: portsOf(bridge),
  };
}

function portsOf(bridge: string): number {
  const { status, stdout } = spawnSync("ip", ["-o", "link", "show", "master", bridge], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n").filter((line) => line !== "").length : 0;
}

const seenSandboxes = "sandboxes.txt";

/** Every sandbox that a test made, from the note that is kept in its folder. */
function sandboxesOf(folders: readonly string[]): string[] {
  return folders
    .map((folder) => join(folder, seenSandboxes))
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, "utf8").split("\n").filter(Boolean));
}

function groupsNamed(sandbox: string): string[] {
  return (
    detectCgroups()
      ?.group(`berth-pods/${sandbox}`)
      .folders.filter((folder) => existsSync(folder)) ?? []
  );
}

/** Rejects when anything of ours stays: what has ended may still be on its way out. */
export async function requireNoTraces(folders: readonly string[], bridge: string): Promise<void> {
  const isNothing = (left: Record<string, number>) => Object.values(left).every((count) => count === 0);
  await eventually(() => countTraces(folders, bridge), isNothing);
}
