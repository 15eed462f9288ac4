import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { type Logger, silentLogger, systemClock } from "@berth/base";
import { openCheckpoint } from "../../../core/checkpoint/sqlite-checkpoint.ts";
import type { PluginSpec } from "../../../core/pluginhost/contracts/plugin-types.ts";
import type {
  DesiredPlugin,
  DesiredWorld,
  PluginView,
} from "../../../core/pluginhost/contracts/plugin-host.ts";
import type { PluginHostOptions } from "../../../core/pluginhost/host-options.ts";
import { NodePluginHost } from "../../../core/pluginhost/node-plugin-host.ts";

type AttachRequest = Parameters<NodePluginHost["network"]["attach"]>[1];
type StageRequest = Parameters<
  ReturnType<NodePluginHost["csi"]["list"]>[number]["node"]["nodeStageVolume"]
>[0];

/** A verb that a host in a process of its own is to call. */
export type HostOrder =
  | { readonly verb: "attach"; readonly request: AttachRequest }
  | { readonly verb: "nodeStageVolume"; readonly request: StageRequest }
  | { readonly verb: "teardown" };

/** A generous ceiling for what must happen, never a measure of how fast it does. */
const ceilingMs = 60_000;

/** One node's folders, in which hosts may follow one another. */
export class TestNode {
  readonly root = mkdtempSync(join(tmpdir(), "berth-host-"));
  readonly name = `t${process.pid}-${Math.floor(performance.now())}`;
  readonly #options: Partial<PluginHostOptions>;

  constructor(options: Partial<PluginHostOptions> = {}) {
    this.#options = options;
    for (const folder of ["data", "run"]) mkdirSync(join(this.root, folder), { mode: 0o700 });
  }

  get options(): PluginHostOptions {
    return {
      nodeName: this.name,
      paths: {
        data: join(this.root, "data"),
        run: join(this.root, "run"),
        kubeletRoot: join(this.root, "kubelet"),
      },
      cgroup: `berth-test/${this.name}`,
      ...this.#options,
    };
  }

  start(logger: Logger = silentLogger): TestHost {
    const checkpoint = openCheckpoint(join(this.root, "data", "checkpoint.db"));
    const host = new NodePluginHost({ options: this.options, checkpoint, clock: systemClock, logger });
    return Object.assign(host, {
      async end(mode: "teardown" | "leave"): Promise<void> {
        await host.stop(mode);
        checkpoint.close();
      },
    });
  }

  /**
   * A host in a process of its own; resolves once a plugin of it satisfies the condition. `under`: a command that
   * prepares what the host is to find, and becomes the one that is appended to it.
   */
  async startProcess(
    world: DesiredWorld,
    name: string,
    condition: (view: PluginView) => boolean,
    under: readonly string[] = [],
  ): Promise<{
    process: ChildProcess;
    view: PluginView;
    order(order: HostOrder): void;
    kill(): Promise<void>;
  }> {
    const program = join(import.meta.dirname, "host-process.ts");
    const given = JSON.stringify({ options: this.options, world });
    const [command, ...args] = [...under, process.execPath, program, given];
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    for await (const line of createInterface({ input: child.stdout })) {
      const view = JSON.parse(line) as PluginView;
      if (view.name !== name || !condition(view)) continue;
      const kill = async (): Promise<void> => {
        child.kill("SIGKILL");
        await exited;
      };
      const order = (one: HostOrder): void => void child.stdin.write(`${JSON.stringify(one)}\n`);
      return { process: child, view, order, kill };
    }
    throw new Error(`the host ended before plugin ${name} came to what was waited for`);
  }

  /** What a stand-in wrote into its state directory; empty when it wrote nothing. */
  stateFile(plugin: string, file: string): string {
    try {
      return readFileSync(join(this.root, "data", "plugins", plugin, "state", file), "utf8");
    } catch {
      return "";
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export type TestHost = NodePluginHost & { end(mode: "teardown" | "leave"): Promise<void> };

export const standIns = join(import.meta.dirname, "..", "plugins");

/** A Plugin run from its folder: one of the stand-ins, or an absolute path. */
export function wanted(
  name: string,
  folder: string,
  spec: Partial<PluginSpec> = {},
  generation = 1,
): DesiredPlugin {
  return {
    name,
    generation,
    spec: {
      contract: "cni",
      source: { path: resolve(standIns, folder) },
      dev: true,
      grants: ["events"],
      ...spec,
    },
  };
}

/** Resolves with the first view of a plugin that satisfies the condition; now, or after any change. */
export async function seen(
  host: NodePluginHost,
  name: string,
  condition: (view: PluginView) => boolean,
  patienceMs = ceilingMs,
): Promise<PluginView> {
  const find = (): PluginView | undefined =>
    host.instances().find((view) => view.name === name && condition(view));
  const now = find();
  if (now) return now;
  const found = Promise.withResolvers<PluginView>();
  const listening = host.onDidChange((view) => {
    if (view.name === name && condition(view)) found.resolve(view);
  });
  const late = setTimeout(() => {
    const views = JSON.stringify(host.instances().find((view) => view.name === name));
    found.reject(new Error(`plugin ${name} did not come to what was waited for; it is ${views}`));
  }, patienceMs);
  try {
    return await found.promise;
  } finally {
    clearTimeout(late);
    await listening.dispose();
  }
}

export function isReady(view: PluginView): boolean {
  return view.state === "ready";
}

/** What a runtime asks of the host for a new sandbox. */
export function attachRequest(sandbox: string, netns = `/tmp/ns-${sandbox}`): AttachRequest {
  return {
    sandbox_id: sandbox,
    netns,
    pod: { namespace: "default", name: "web", uid: "u1" },
    annotations: {},
    runtime_config: null,
  };
}

/** A caller that sets no limits of its own. */
export const patientCaller = { deadline: undefined, signal: new AbortController().signal, trace: undefined };
