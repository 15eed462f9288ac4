import { FakeClock, silentLogger, toDisposable } from "@berth/base";
import type { Pod, PodStatus } from "../../../core/api/index.ts";
import { ContainerHooks } from "../../../core/kubelet/containers/container-hooks.ts";
import { ContainerKiller } from "../../../core/kubelet/containers/container-killer.ts";
import { ContainerStarter } from "../../../core/kubelet/containers/container-starter.ts";
import type { PodEvent } from "../../../core/kubelet/events/pod-events.ts";
import { ImagePuller } from "../../../core/kubelet/images/image-puller.ts";
import type { PodParts } from "../../../core/kubelet/pods/pod-parts.ts";
import { PodWorker } from "../../../core/kubelet/pods/pod-worker.ts";
import { SandboxStarter } from "../../../core/kubelet/pods/sandbox-starter.ts";
import { FakeRuntime } from "./fake-runtime.ts";

/** One pod's worker on a fake runtime and a clock that stands still. */
export interface World {
  clock: FakeClock;
  runtime: FakeRuntime;
  events: PodEvent[];
  deleted: string[];
  cleaned: string[];
  verdicts: Map<string, boolean>;
  worker: PodWorker;
  status(): PodStatus;
  settle(): Promise<void>;
  update(change: (pod: Pod) => void): void;
}

export function makePod(spec: Partial<NonNullable<Pod["spec"]>> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "default", uid: "uid-1", generation: 1 },
    spec: { containers: [{ name: "app", image: "hello:1" }], terminationGracePeriodSeconds: 30, ...spec },
  };
}

export function makeWorld(
  pod: Pod,
  options: { runtime?: FakeRuntime; clock?: FakeClock; known?: boolean; status?: PodStatus } = {},
): World {
  const clock = options.clock ?? new FakeClock();
  const runtime = options.runtime ?? new FakeRuntime(clock, { images: ["hello:1"] });
  const events: PodEvent[] = [];
  const deleted: string[] = [];
  const cleaned: string[] = [];
  const verdicts = new Map<string, boolean>();
  let status: PodStatus = options.status ?? {};
  let current = pod;
  const sink = { record: (_pod: Pod, event: PodEvent) => void events.push(event) };
  const hooks = new ContainerHooks({ clock, http: { get: async () => ({ success: true, message: "" }) } });
  const parts: PodParts = {
    clock,
    logger: silentLogger,
    events: sink,
    runtimes: {
      choose: async () => ({ handler: runtime, runtimeName: "fake" }),
      settle() {},
      forget() {},
    },
    sandboxes: new SandboxStarter({
      events: sink,
      ground: { prepare: async () => {} },
      settings: () => ({
        nodeDns: { servers: [], searches: [], options: [] },
        clusterDns: { servers: [], domain: "cluster.local" },
        logsRoot: "/logs",
        cgroupRoot: "kubepods",
        cgroupDriver: "cgroupfs",
        seccompRoot: "/seccomp",
        nodeName: "one",
        plugin: runtime.plugin,
      }),
    }),
    starter: new ContainerStarter({
      clock,
      events: sink,
      images: new ImagePuller({ clock, events: sink }),
      hooks,
      sources: {
        environment: async () => new Map(),
        devices: async () => [],
        mounts: async () => ({ mounts: [], groups: [], terminationMessageFile: "" }),
        pullSecrets: async () => [],
      },
      settings: { memoryBytes: 1 << 30, seccompRoot: "/seccomp" },
    }),
    killer: new ContainerKiller({ clock, events: sink, hooks, logger: silentLogger }),
    volumes: { mount: async () => {}, refresh: async () => {}, unmount: async () => {} },
    ground: {
      clean: async (one) => void cleaned.push(one.metadata.name),
      terminationMessage: async () => "",
      forgetContainer: async () => {},
    },
    probes: (wake) => {
      runtime.changed.event(() => wake());
      const verdict = (kind: string) => (id: string) => verdicts.get(`${kind} ${id}`);
      return {
        ...toDisposable("probes", () => {}),
        follow() {},
        startup: verdict("startup"),
        liveness: verdict("liveness"),
        readiness: verdict("readiness"),
      };
    },
    statuses: {
      report: (_pod, next) => void (status = next),
      current: () => status,
      flush: async () => {},
      confirmDeletion: async (one) => void deleted.push(one.metadata.name),
      forget() {},
    },
    hostIps: () => ["192.0.2.1"],
    containerExtra: () => ({}),
  };
  const worker = new PodWorker(pod, parts, { known: options.known ?? false, onEnded: () => {} });
  return {
    clock,
    runtime,
    events,
    deleted,
    cleaned,
    verdicts,
    worker,
    status: () => status,
    async settle() {
      worker.wake();
      for (let turn = 0; turn < 10; turn++) await clock.advance(0);
    },
    update(change) {
      current = structuredClone(current);
      change(current);
      worker.update(current);
    },
  };
}
