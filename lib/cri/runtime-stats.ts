import { readFileSync } from "node:fs";
import { join } from "node:path";
import { detectCgroups } from "@berth/linux";
import { sandboxCgroup } from "./sandbox/sandbox-cgroup.ts";
import type * as cri from "./cri-types.ts";
import { matchesLabels } from "./cri-messages.ts";
import { readInterfaces, workingSetBytes } from "./usage.ts";
import { type ContainerRecord, nowNanos, type SandboxRecord } from "./records.ts";
import type { RuntimeParts } from "./runtime-parts.ts";

const nanosPerMicro = 1000;

/** What containers and pods use, read from their control groups and from the pod's network namespace. */
export class RuntimeStats {
  readonly #parts: RuntimeParts;

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
  }

  async containerStats(id: string): Promise<cri.ContainerStatsResponse> {
    return { stats: await this.#container(this.#parts.containers.require(id)) };
  }

  async listContainerStats(filter: cri.ContainerStatsFilter | null): Promise<cri.ListContainerStatsResponse> {
    const chosen = this.#parts.containers
      .list()
      .filter((record) => record.phase === "started")
      .filter((record) => !filter || record.id.startsWith(filter.id))
      .filter((record) => !filter || record.sandboxId.startsWith(filter.pod_sandbox_id))
      .filter((record) => !filter || matchesLabels(record.config.labels, filter.label_selector));
    return { stats: await Promise.all(chosen.map((record) => this.#container(record))) };
  }

  async podSandboxStats(id: string): Promise<cri.PodSandboxStatsResponse> {
    return { stats: await this.#sandbox(this.#parts.sandboxes.require(id)) };
  }

  async listPodSandboxStats(
    filter: cri.PodSandboxStatsFilter | null,
  ): Promise<cri.ListPodSandboxStatsResponse> {
    const chosen = this.#parts.sandboxes
      .list()
      .filter((record) => this.#parts.sandboxes.isReady(record))
      .filter((record) => !filter || record.id.startsWith(filter.id))
      .filter((record) => !filter || matchesLabels(record.config.labels, filter.label_selector));
    return { stats: await Promise.all(chosen.map((record) => this.#sandbox(record))) };
  }

  async #container(record: ContainerRecord): Promise<cri.ContainerStats> {
    const sandbox = this.#parts.sandboxes.require(record.sandboxId);
    const disk = await this.#parts.rootfs.usage(record.id);
    const { metadata, labels, annotations } = record.config;
    return {
      attributes: { id: record.id, metadata, labels, annotations },
      ...usageOf(`${sandboxCgroup(sandbox)}/${record.id}`),
      writable_layer: {
        timestamp: nowNanos(),
        fs_id: { mountpoint: "/" },
        used_bytes: { value: disk?.bytes ?? "0" },
        inodes_used: { value: disk?.inodes ?? "0" },
      },
    };
  }

  async #sandbox(record: SandboxRecord): Promise<cri.PodSandboxStats> {
    const running = this.#parts.containers.of(record.id).filter(({ phase }) => phase === "started");
    const group = sandboxCgroup(record);
    const { metadata, labels, annotations } = record.config;
    return {
      attributes: { id: record.id, metadata, labels, annotations },
      linux: {
        ...usageOf(group),
        network: this.#network(record),
        process: {
          timestamp: nowNanos(),
          process_count: { value: detectCgroups()?.group(group).listPids({ recursive: true }).length ?? 0 },
        },
        containers: await Promise.all(running.map((container) => this.#container(container))),
      },
    };
  }

  #network(record: SandboxRecord) {
    const netns = this.#parts.sandboxes.netns(record);
    if (netns === "" || !this.#parts.sandboxes.isReady(record)) return null;
    const [first, ...rest] = readInterfaces(netns);
    return { timestamp: nowNanos(), default_interface: first ?? null, interfaces: rest };
  }
}

/** CPU and memory of a group; zeros when it is gone. */
function usageOf(path: string): Pick<cri.ContainerStats, "cpu" | "memory"> {
  const group = detectCgroups()?.group(path);
  const usage = group?.readUsage() ?? { cpuMicroseconds: 0, memoryBytes: 0 };
  const memoryFolder = group?.folders.find((folder) => folder.includes("/memory/")) ?? group?.folders[0];
  const stat = memoryFolder === undefined ? "" : readOrEmpty(join(memoryFolder, "memory.stat"));
  const timestamp = nowNanos();
  return {
    cpu: { timestamp, usage_core_nano_seconds: { value: usage.cpuMicroseconds * nanosPerMicro } },
    memory: {
      timestamp,
      usage_bytes: { value: usage.memoryBytes },
      working_set_bytes: { value: workingSetBytes(usage.memoryBytes, stat) },
    },
  };
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
