import type { LinuxContainerSecurityContext } from "@berth/proto/generated/cri/runtime/v1/LinuxContainerSecurityContext.ts";
import type { NamespaceOption } from "@berth/proto/generated/cri/runtime/v1/NamespaceOption.ts";
import type { SecurityProfile } from "@berth/proto/generated/cri/runtime/v1/SecurityProfile.ts";
import { BerthError } from "@berth/base";
import type { Container, Pod, SeccompProfile } from "../../api/index.ts";
import { configError } from "../errors.ts";

/** Hidden or read-only in /proc and /sys unless a container asks for `procMount: Unmasked` (OCI runtimes' common set). */
const maskedPaths = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** Whom an image says it runs as: a number, a name, or nothing. */
export interface ImageUser {
  readonly uid: number | undefined;
  readonly name: string;
}

export function namespaceOptions(pod: Pod, target?: string): NamespaceOption {
  const spec = pod.spec;
  return {
    network: spec?.hostNetwork ? "NODE" : "POD",
    ipc: spec?.hostIPC ? "NODE" : "POD",
    ...(target === undefined
      ? { pid: spec?.hostPID ? "NODE" : spec?.shareProcessNamespace ? "POD" : "CONTAINER" }
      : { pid: "TARGET", target_id: target }),
  };
}

/** A container's rights: its own context over the pod's. `groups` are added by volumes. */
export function containerSecurityContext(
  pod: Pod,
  container: Container,
  options: {
    target?: string | undefined;
    seccompRoot: string;
    groups: readonly number[];
    imageUser: ImageUser;
  },
): LinuxContainerSecurityContext {
  const own = container.securityContext ?? {};
  const shared = pod.spec?.securityContext ?? {};
  const runAsUser = own.runAsUser ?? shared.runAsUser;
  const runAsGroup = own.runAsGroup ?? shared.runAsGroup;
  const unmasked = own.procMount === "Unmasked" || own.privileged === true;
  return {
    privileged: own.privileged ?? false,
    readonly_rootfs: own.readOnlyRootFilesystem ?? false,
    no_new_privs: own.allowPrivilegeEscalation === false,
    namespace_options: namespaceOptions(pod, options.target),
    capabilities: {
      add_capabilities: own.capabilities?.add ?? [],
      drop_capabilities: own.capabilities?.drop ?? [],
    },
    ...userAndGroup(runAsUser, runAsGroup, options.imageUser),
    supplemental_groups: supplementalGroups(pod, options.groups),
    supplemental_groups_policy: shared.supplementalGroupsPolicy ?? "Merge",
    masked_paths: unmasked ? [] : maskedPaths,
    readonly_paths: unmasked ? [] : readonlyPaths,
    seccomp: seccompProfile(
      own.privileged ? undefined : (own.seccompProfile ?? shared.seccompProfile),
      options.seccompRoot,
    ),
  };
}

/** A runtime takes no group without a user: the image's stands in for one that the pod leaves out. */
function userAndGroup(
  user: number | undefined,
  group: number | undefined,
  image: ImageUser,
): Pick<LinuxContainerSecurityContext, "run_as_user" | "run_as_username" | "run_as_group"> {
  const asked = user === undefined ? {} : { run_as_user: { value: user } };
  if (group === undefined) return asked;
  const run_as_group = { value: group };
  if (user !== undefined) return { ...asked, run_as_group };
  if (image.name !== "") return { run_as_username: image.name, run_as_group };
  return { run_as_user: { value: image.uid ?? 0 }, run_as_group };
}

export function supplementalGroups(pod: Pod, more: readonly number[] = []): number[] {
  const { fsGroup, supplementalGroups: groups = [] } = pod.spec?.securityContext ?? {};
  return [...new Set([...groups, ...(fsGroup === undefined ? [] : [fsGroup]), ...more])];
}

export function seccompProfile(profile: SeccompProfile | undefined, root: string): SecurityProfile {
  if (!profile || profile.type === "Unconfined") return { profile_type: "Unconfined" };
  if (profile.type === "RuntimeDefault") return { profile_type: "RuntimeDefault" };
  const file = profile.localhostProfile ?? "";
  if (file === "" || file.startsWith("/") || file.split("/").includes("..")) {
    throw new BerthError(
      configError,
      `seccompProfile.localhostProfile "${file}" must be a path below the node's seccomp folder, without ".."`,
    );
  }
  return { profile_type: "Localhost", localhost_ref: `${root}/${file}` };
}

/** Refuses root where the pod forbids it. */
export function verifyNonRoot(pod: Pod, container: Container, imageUser: ImageUser): void {
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec?.securityContext?.runAsNonRoot;
  if (!nonRoot) return;
  const asked = container.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser;
  if (asked !== undefined) {
    if (asked !== 0) return;
    throw new BerthError(
      configError,
      `container's runAsUser breaks non-root policy (container: ${container.name})`,
    );
  }
  if (imageUser.name !== "" && imageUser.uid === undefined) {
    throw new BerthError(
      configError,
      `container has runAsNonRoot and image has non-numeric user (${imageUser.name}), cannot verify user is non-root (container: ${container.name}); set securityContext.runAsUser`,
    );
  }
  if ((imageUser.uid ?? 0) === 0) {
    throw new BerthError(
      configError,
      `container has runAsNonRoot and image will run as root (container: ${container.name}); set securityContext.runAsUser`,
    );
  }
}
