import { BerthError } from "@berth/base";
import { resolveCapabilities, resolveUser, type ProcessUser, type RuntimeSpec } from "@berth/oci";
import type { ContainerConfig__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerConfig.ts";
import { unsupported } from "../cri-error.ts";
import type { RootfsMount } from "../driver.ts";
import type { StoredImage } from "../images/image-store.ts";
import type { CriPaths } from "../paths.ts";
import { type ContainerRecord, nowNanos, type SandboxRecord } from "../records.ts";
import { namespacePath } from "../sandbox/namespaces.ts";
import { sandboxCgroup } from "../sandbox/sandbox-cgroup.ts";
import { namespacesOf, pinnedKinds } from "../sandbox/sandbox-choices.ts";
import {
  containerDevices,
  containerMounts,
  refuseUnsupportedContainer,
  seccompOf,
} from "./container-mounts.ts";
import { buildContainerSpec } from "./container-spec.ts";
import type { NodeFacts } from "./node-facts.ts";
import { readUserFiles } from "./rootfs.ts";

export interface MakeSpecOptions {
  readonly id: string;
  readonly sandbox: SandboxRecord;
  readonly config: ContainerConfig__Output;
  readonly image: StoredImage;
  readonly mounts: readonly RootfsMount[];
  readonly paths: CriPaths;
  readonly node: NodeFacts;
  /** /proc/PID/ns/pid to join; undefined for a process namespace of its own, or the node's. */
  readonly pidPath: string | undefined;
}

/** Looks up what the specification needs on this machine and writes it, together with the record to keep. */
export function makeSpec(options: MakeSpecOptions): { record: ContainerRecord; spec: RuntimeSpec } {
  const { id, sandbox, config, image, node, paths } = options;
  refuseUnsupportedContainer(config, node);
  const user = userOf(options);
  const spec = buildContainerSpec({
    id,
    config,
    sandbox,
    user,
    node,
    image: image.config,
    devices: containerDevices(config),
    mounts: containerMounts(config, sandbox.id, paths),
    seccomp: seccompOf(config, capabilitiesOf(config, node), node),
    namespacePaths: namespacePaths(sandbox, paths),
    ...(options.pidPath !== undefined && { pidPath: options.pidPath }),
    cgroupsPath: cgroupsPath(sandbox, id),
    shm: namespacesOf(sandbox.config).ipc ? paths.sandboxFile(sandbox.id, "shm") : "/dev/shm",
  });
  return { spec, record: recordOf(options, user) };
}

function recordOf({ id, sandbox, config, image }: MakeSpecOptions, user: ProcessUser): ContainerRecord {
  return {
    id,
    sandboxId: sandbox.id,
    config: { ...config, envs: [] },
    imageName: config.image?.user_specified_image || config.image?.image || image.id,
    imageId: image.id,
    imageRef: image.digests[0] ?? image.id,
    stopSignal: stopSignalOf(config, image),
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids ?? [] },
    createdAt: nowNanos(),
    phase: "created",
    startedAt: "0",
    finishedAt: "0",
    exitCode: 0,
    reason: "",
    message: "",
  };
}

function stopSignalOf(config: ContainerConfig__Output, image: StoredImage): string {
  if (config.stop_signal !== "SIGNAL_RUNTIME_DEFAULT") return config.stop_signal;
  return image.config.config?.StopSignal || "SIGTERM";
}

function userOf({ config, image, mounts }: MakeSpecOptions): ProcessUser {
  const security = config.linux?.security_context;
  const given = security?.run_as_user ?? null;
  if (security?.run_as_group && !given && !security.run_as_username) {
    const name = config.metadata?.name;
    throw new BerthError(unsupported, `container ${name}: run_as_group is set without run_as_user`);
  }
  return resolveUser(
    {
      imageUser: image.config.config?.User ?? "",
      ...(given && { runAsUser: Number(given.value) }),
      ...(security?.run_as_username && { runAsUsername: security.run_as_username }),
      ...(security?.run_as_group && { runAsGroup: Number(security.run_as_group.value) }),
      supplementalGroups: (security?.supplemental_groups ?? []).map(Number),
      policy: security?.supplemental_groups_policy ?? "Merge",
    },
    readUserFiles(mounts),
  );
}

function capabilitiesOf(config: ContainerConfig__Output, node: NodeFacts): string[] {
  const security = config.linux?.security_context;
  return resolveCapabilities({
    privileged: security?.privileged ?? false,
    add: security?.capabilities?.add_capabilities ?? [],
    drop: security?.capabilities?.drop_capabilities ?? [],
    ambient: [],
    available: node.capabilities,
  }).bounding;
}

/** Of the sandbox's own namespaces; a kind it shares with the node is absent. */
export function namespacePaths(
  sandbox: SandboxRecord,
  paths: CriPaths,
): { net?: string; ipc?: string; uts?: string } {
  const kinds = pinnedKinds(namespacesOf(sandbox.config));
  return Object.fromEntries(kinds.map((kind) => [kind, namespacePath(paths.sandbox(sandbox.id), kind)]));
}

function cgroupsPath(sandbox: SandboxRecord, id: string): string {
  return `${sandboxCgroup(sandbox)}/${id}`;
}
