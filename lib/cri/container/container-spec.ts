import { BerthError } from "@berth/base";
import {
  baseMounts,
  clampOomScore,
  defaultDeviceRules,
  defaultMaskedPaths,
  defaultReadonlyPaths,
  deviceRule,
  type ImageConfig,
  mergeProcess,
  type NamespaceKind,
  type ProcessUser,
  resolveCapabilities,
  type RuntimeSpec,
  type SeccompSpec,
  type SpecDevice,
  type SpecMount,
} from "@berth/oci";
import type { ContainerConfig__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerConfig.ts";
import { unsupported } from "../cri-error.ts";
import type { SandboxRecord } from "../records.ts";
import { namespacesOf } from "../sandbox/sandbox-choices.ts";
import type { NodeFacts } from "./node-facts.ts";
import { specResources } from "./resource-limits.ts";

/** Everything a specification is made from, looked up before: this file only calculates. */
export interface SpecInputs {
  readonly id: string;
  readonly config: ContainerConfig__Output;
  readonly sandbox: SandboxRecord;
  readonly image: ImageConfig;
  readonly user: ProcessUser;
  readonly node: NodeFacts;
  readonly devices: readonly { device: SpecDevice; access: string }[];
  readonly mounts: readonly SpecMount[];
  /** Undefined: unconfined. */
  readonly seccomp: SeccompSpec | undefined;
  /** Paths of the sandbox's namespaces; a kind that is absent is the node's own. */
  readonly namespacePaths: { net?: string; ipc?: string; uts?: string };
  /** /proc/PID/ns/pid of the process whose namespace is joined; absent: a new one. */
  readonly pidPath?: string;
  readonly cgroupsPath: string;
  readonly shm: string;
}

export function buildContainerSpec(inputs: SpecInputs): RuntimeSpec {
  const { config, sandbox, node } = inputs;
  const security = config.linux?.security_context ?? undefined;
  const privileged = security?.privileged ?? false;
  const masked = security?.masked_paths ?? [];
  const readonly = security?.readonly_paths ?? [];
  return {
    ociVersion: "1.0.2",
    process: processOf(inputs),
    root: { path: "rootfs", readonly: security?.readonly_rootfs ?? false },
    mounts: [...baseMountsOf(inputs, privileged), ...inputs.mounts],
    annotations: annotationsOf(inputs),
    linux: {
      namespaces: namespaceList(inputs),
      devices: inputs.devices.map(({ device }) => device),
      cgroupsPath: inputs.cgroupsPath,
      resources: {
        ...specResources(config.linux?.resources, node),
        devices: privileged
          ? [{ allow: true, access: "rwm" }]
          : [
              ...defaultDeviceRules,
              ...inputs.devices.map(({ device, access }) => deviceRule(device, access)),
            ],
      },
      ...rootfsPropagation(inputs.mounts),
      ...(inputs.seccomp && !privileged && { seccomp: inputs.seccomp }),
      maskedPaths: privileged ? [] : [...(masked.length > 0 ? masked : defaultMaskedPaths)],
      readonlyPaths: privileged ? [] : [...(readonly.length > 0 ? readonly : defaultReadonlyPaths)],
    },
    ...(inputs.namespacePaths.uts === undefined ? {} : { hostname: sandbox.config.hostname }),
  };
}

function processOf(inputs: SpecInputs): RuntimeSpec["process"] {
  const { config, image, node, user } = inputs;
  const security = config.linux?.security_context;
  const merged = mergeProcess(image.config, {
    command: config.command,
    args: config.args,
    workingDir: config.working_dir,
    env: [
      ...(inputs.sandbox.config.hostname === "" ? [] : [`HOSTNAME=${inputs.sandbox.config.hostname}`]),
      ...config.envs.map(({ key, value }) => `${key}=${value.toString("utf8")}`),
      ...(config.tty ? ["TERM=xterm"] : []),
    ],
  });
  if (merged.args.length === 0) {
    throw new BerthError(
      unsupported,
      `container ${config.metadata?.name}: neither its command nor image ${config.image?.image} names a program`,
    );
  }
  return {
    terminal: config.tty,
    user,
    ...merged,
    capabilities: resolveCapabilities({
      privileged: security?.privileged ?? false,
      add: security?.capabilities?.add_capabilities ?? [],
      drop: security?.capabilities?.drop_capabilities ?? [],
      ambient: security?.capabilities?.add_ambient_capabilities ?? [],
      available: node.capabilities,
    }),
    noNewPrivileges: security?.no_new_privs ?? false,
    oomScoreAdj: clampOomScore(
      Number(config.linux?.resources?.oom_score_adj ?? 0),
      node.oomScore,
      node.mayLowerOomScore,
    ).value,
  };
}

function baseMountsOf(inputs: SpecInputs, privileged: boolean): SpecMount[] {
  const taken = new Set(inputs.mounts.map(({ destination }) => destination));
  return baseMounts({
    privileged,
    ownNetwork: inputs.namespacePaths.net !== undefined,
    cgroup: privileged ? "rw" : "ro",
    shm: inputs.shm,
  }).filter(({ destination }) => !taken.has(destination));
}

function namespaceList(inputs: SpecInputs): RuntimeSpec["linux"]["namespaces"] {
  const { net, ipc, uts } = inputs.namespacePaths;
  const joined = (type: NamespaceKind, path: string | undefined) =>
    path === undefined ? [] : [{ type, path }];
  const pidMode = inputs.config.linux?.security_context?.namespace_options?.pid;
  return [
    { type: "mount" },
    ...(inputs.pidPath === undefined
      ? pidMode === "NODE"
        ? []
        : [{ type: "pid" as const }]
      : [{ type: "pid" as const, path: inputs.pidPath }]),
    ...joined("network", net),
    ...joined("ipc", ipc),
    ...joined("uts", uts),
    ...(inputs.node.cgroupV2 ? [{ type: "cgroup" as const }] : []),
  ];
}

/** The names under which runtimes and shims look for them; one shim serves all containers of a sandbox-id. */
function annotationsOf({ config, sandbox }: SpecInputs): Record<string, string> {
  const { name, namespace, uid } = sandbox.config.metadata!;
  return {
    ...config.annotations,
    "io.kubernetes.cri.container-type": "container",
    "io.kubernetes.cri.sandbox-id": sandbox.id,
    "io.kubernetes.cri.container-name": config.metadata?.name ?? "",
    "io.kubernetes.cri.sandbox-name": name,
    "io.kubernetes.cri.sandbox-namespace": namespace,
    "io.kubernetes.cri.sandbox-uid": uid,
  };
}

/** A mount can pass changes on only when the root above it does. */
function rootfsPropagation(mounts: readonly SpecMount[]): { rootfsPropagation?: string } {
  const options = new Set(mounts.flatMap((mount) => mount.options ?? []));
  if (options.has("rshared")) return { rootfsPropagation: "rshared" };
  return options.has("rslave") ? { rootfsPropagation: "rslave" } : {};
}

export function usesNodePid(config: ContainerConfig__Output): boolean {
  return config.linux?.security_context?.namespace_options?.pid === "NODE";
}

/** Whether the container joins the process namespace that its pod shares. */
export function sharesPodPid(config: ContainerConfig__Output, sandbox: SandboxRecord): boolean {
  const own = config.linux?.security_context?.namespace_options?.pid;
  return own === undefined ? namespacesOf(sandbox.config).sharedPid : own === "POD";
}
