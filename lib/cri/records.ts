import { createHash } from "node:crypto";
import type { ContainerConfig__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerConfig.ts";
import type { ContainerMetadata__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerMetadata.ts";
import type { PodSandboxConfig__Output } from "@berth/proto/generated/cri/runtime/v1/PodSandboxConfig.ts";
import type { PodSandboxMetadata__Output } from "@berth/proto/generated/cri/runtime/v1/PodSandboxMetadata.ts";

/** Everything remembered about a sandbox; kept as JSON in containerd, so a new process knows what the old one knew. */
export interface SandboxRecord {
  readonly id: string;
  readonly config: PodSandboxConfig__Output;
  /** Never empty: the default handler's name where the caller left it out. */
  readonly runtimeHandler: string;
  /** Nanoseconds since the epoch, decimal. */
  readonly createdAt: string;
  /** `creating` is the write-ahead intent: what may exist of it is undone or completed. */
  phase: "creating" | "ready" | "stopped";
  ips: readonly string[];
  /** The plugin's id and version. */
  readonly madeBy: string;
}

export interface ContainerRecord {
  readonly id: string;
  readonly sandboxId: string;
  /** Environment values are kept only in the specification. */
  readonly config: ContainerConfig__Output;
  /** Name or digest as the caller gave it. */
  readonly imageName: string;
  /** sha256:… of the image's configuration. */
  readonly imageId: string;
  /** Name with digest where known, else {@link imageId}. */
  readonly imageRef: string;
  readonly stopSignal: string;
  readonly user: { uid: number; gid: number; additionalGids: readonly number[] };
  readonly createdAt: string;
  phase: "created" | "started" | "exited";
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  /** CamelCase cause of the end: Completed, Error, OOMKilled, StartError. */
  reason: string;
  message: string;
}

/** A sandbox is known by these four; the same four always give the same id, so that a repeated call finds the first one's work. */
export function sandboxId(metadata: PodSandboxMetadata__Output): string {
  const { namespace, name, uid, attempt } = metadata;
  return hash("sandbox", namespace, name, uid, String(attempt));
}

export function containerId(ofSandbox: string, metadata: ContainerMetadata__Output): string {
  return hash("container", ofSandbox, metadata.name, String(metadata.attempt));
}

function hash(...parts: string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex");
}

/** Nanoseconds since the epoch, decimal, as CRI states times. */
export function nowNanos(): string {
  return String(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n);
}
