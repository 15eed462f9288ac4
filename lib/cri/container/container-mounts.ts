import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { BerthError, errorMessage } from "@berth/base";
import { readDeviceNumber } from "@berth/linux";
import { defaultSeccompProfile, type SeccompSpec, type SpecDevice, type SpecMount } from "@berth/oci";
import type { ContainerConfig__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerConfig.ts";
import type { Mount__Output } from "@berth/proto/generated/cri/runtime/v1/Mount.ts";
import { unsupported } from "../cri-error.ts";
import type { CriPaths } from "../paths.ts";
import type { NodeFacts } from "./node-facts.ts";

const propagationOption = {
  PROPAGATION_PRIVATE: "rprivate",
  PROPAGATION_HOST_TO_CONTAINER: "rslave",
  PROPAGATION_BIDIRECTIONAL: "rshared",
} as const;

/** The pod's mounts, shallow ones first so that deeper ones are not hidden, after the sandbox's own files. */
export function containerMounts(
  config: ContainerConfig__Output,
  sandboxId: string,
  paths: CriPaths,
): SpecMount[] {
  const own = config.mounts.map((mount) => specMount(mount, config));
  const taken = new Set(own.map(({ destination }) => destination));
  const files = (["resolv.conf", "hostname", "hosts"] as const)
    .map((name) => ({ source: paths.sandboxFile(sandboxId, name), destination: `/etc/${name}` }))
    .filter(({ source, destination }) => !taken.has(destination) && existsSync(source))
    .map((file) => ({ ...file, type: "bind", options: ["rbind", "rprivate", "rw"] }));
  const depth = (mount: SpecMount): number => mount.destination.split("/").filter(Boolean).length;
  return [...files, ...own.toSorted((a, b) => depth(a) - depth(b))];
}

function specMount(mount: Mount__Output, config: ContainerConfig__Output): SpecMount {
  const where = `container ${config.metadata?.name}: mount ${mount.container_path}`;
  if (mount.image) throw new BerthError(unsupported, `${where}: image volumes are not supported`);
  if (!existsSync(mount.host_path)) {
    throw new BerthError(unsupported, `${where}: ${mount.host_path} does not exist on the node`);
  }
  return {
    destination: mount.container_path,
    type: "bind",
    source: realpathSync(mount.host_path),
    options: [
      "rbind",
      propagationOption[mount.propagation],
      mount.readonly ? (mount.recursive_read_only ? "rro" : "ro") : "rw",
      ...mount.mount_options,
    ],
  };
}

export interface ContainerDevice {
  device: SpecDevice;
  access: string;
}

/** A path may be one node or a folder of nodes; a privileged container gets every node of /dev. */
export function containerDevices(config: ContainerConfig__Output): ContainerDevice[] {
  const named = config.devices.flatMap(({ host_path, container_path, permissions }) => {
    const found = deviceNodes(host_path, container_path);
    if (found.length === 0) {
      throw new BerthError(
        unsupported,
        `container ${config.metadata?.name}: there is no device node at ${host_path}`,
      );
    }
    return found.map((device) => ({ device, access: permissions || "rwm" }));
  });
  if (!config.linux?.security_context?.privileged) return named;
  const all = deviceNodes("/dev", "/dev").map((device) => ({ device, access: "rwm" }));
  const taken = new Set(named.map(({ device }) => device.path));
  return [...named, ...all.filter(({ device }) => !taken.has(device.path))];
}

/** Folders of /dev that every container has for itself. */
const ownFolders = new Set(["/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/fd", "/dev/console", "/dev/ptmx"]);

function deviceNodes(source: string, target: string): SpecDevice[] {
  const stat = statSync(source, { throwIfNoEntry: false });
  if (!stat || ownFolders.has(source)) return [];
  if (stat.isDirectory()) {
    return readdirSync(source).flatMap((name) => deviceNodes(join(source, name), join(target, name)));
  }
  if (!stat.isCharacterDevice() && !stat.isBlockDevice()) return [];
  const number = readDeviceNumber(source);
  if (!number) return [];
  return [
    {
      path: target,
      type: stat.isBlockDevice() ? "b" : "c",
      major: number.major,
      minor: number.minor,
      fileMode: stat.mode & 0o777,
      uid: stat.uid,
      gid: stat.gid,
    },
  ];
}

/** The profile the pod asks for; RuntimeDefault when it says nothing. Undefined: unconfined. */
export function seccompOf(
  config: ContainerConfig__Output,
  capabilities: readonly string[],
  node: NodeFacts,
): SeccompSpec | undefined {
  const profile = config.linux?.security_context?.seccomp;
  const where = `container ${config.metadata?.name}: seccompProfile`;
  if (profile?.profile_type === "Unconfined") return undefined;
  if (!node.seccomp) {
    if (!profile) return undefined;
    throw new BerthError(unsupported, `${where}: this kernel has no seccomp`);
  }
  if (profile?.profile_type !== "Localhost") return defaultSeccompProfile(capabilities);
  try {
    return JSON.parse(readFileSync(profile.localhost_ref, "utf8")) as SeccompSpec;
  } catch (error) {
    throw new BerthError(
      unsupported,
      `${where} ${profile.localhost_ref} cannot be read: ${errorMessage(error)}`,
    );
  }
}

/** Refuses what would silently not be done. */
export function refuseUnsupportedContainer(config: ContainerConfig__Output, node: NodeFacts): void {
  const security = config.linux?.security_context;
  const wrong = [
    ...(config.metadata?.name ? [] : ["metadata.name is missing"]),
    ...(security?.namespace_options?.userns_options?.mode === "POD"
      ? ["hostUsers: false is not supported"]
      : []),
    ...(security?.selinux_options?.type ? ["seLinuxOptions are set, but this node has no SELinux"] : []),
    ...(security?.apparmor?.profile_type === "Localhost" && !node.appArmor
      ? [`appArmorProfile ${security.apparmor.localhost_ref} is set, but this node has no AppArmor`]
      : []),
    ...(config.CDI_devices.length > 0 ? [`CDI device ${config.CDI_devices[0]!.name} is not supported`] : []),
  ];
  if (wrong.length > 0) throw new BerthError(unsupported, `container ${config.metadata?.name}: ${wrong[0]}`);
}
