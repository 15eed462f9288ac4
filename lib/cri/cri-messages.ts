import type { Container } from "@berth/proto/generated/cri/runtime/v1/Container.ts";
import type { ContainerState } from "@berth/proto/generated/cri/runtime/v1/ContainerState.ts";
import type { ContainerStatus } from "@berth/proto/generated/cri/runtime/v1/ContainerStatus.ts";
import type { PodSandbox } from "@berth/proto/generated/cri/runtime/v1/PodSandbox.ts";
import type { PodSandboxStatus } from "@berth/proto/generated/cri/runtime/v1/PodSandboxStatus.ts";
import { logPathOf } from "./container/container-stdio.ts";
import type { ContainerRecord, SandboxRecord } from "./records.ts";

export const stateOfPhase = {
  created: "CONTAINER_CREATED",
  started: "CONTAINER_RUNNING",
  exited: "CONTAINER_EXITED",
} as const satisfies Record<ContainerRecord["phase"], ContainerState>;

export function toPodSandbox(record: SandboxRecord, ready: boolean): PodSandbox {
  return {
    id: record.id,
    metadata: record.config.metadata,
    state: ready ? "SANDBOX_READY" : "SANDBOX_NOTREADY",
    created_at: record.createdAt,
    labels: record.config.labels,
    annotations: record.config.annotations,
    runtime_handler: record.runtimeHandler,
  };
}

export function toPodSandboxStatus(record: SandboxRecord, ready: boolean): PodSandboxStatus {
  const [ip = "", ...more] = record.ips;
  return {
    ...toPodSandbox(record, ready),
    network: { ip, additional_ips: more.map((address) => ({ ip: address })) },
    linux: { namespaces: { options: record.config.linux?.security_context?.namespace_options ?? {} } },
  };
}

export function toContainer(record: ContainerRecord): Container {
  const { config } = record;
  return {
    id: record.id,
    pod_sandbox_id: record.sandboxId,
    metadata: config.metadata,
    image: config.image,
    image_ref: record.imageRef,
    image_id: record.imageId,
    state: stateOfPhase[record.phase],
    created_at: record.createdAt,
    labels: config.labels,
    annotations: config.annotations,
  };
}

export function toContainerStatus(
  record: ContainerRecord,
  sandbox: SandboxRecord | undefined,
): ContainerStatus {
  const { config, user } = record;
  return {
    id: record.id,
    metadata: config.metadata,
    state: stateOfPhase[record.phase],
    created_at: record.createdAt,
    started_at: record.startedAt,
    finished_at: record.finishedAt,
    exit_code: record.exitCode,
    image: { ...config.image, image: record.imageName },
    image_ref: record.imageRef,
    image_id: record.imageId,
    reason: record.reason,
    message: record.message,
    labels: config.labels,
    annotations: config.annotations,
    mounts: config.mounts,
    log_path: sandbox ? logPathOf(record, sandbox) : "",
    resources: { linux: config.linux?.resources ?? null },
    user: { linux: { uid: user.uid, gid: user.gid, supplemental_groups: [...user.additionalGids] } },
    stop_signal: config.stop_signal,
  };
}

/** Every label of the selector with its value is there. */
export function matchesLabels(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}
