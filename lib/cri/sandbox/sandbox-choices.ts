import { BerthError } from "@berth/base";
import type { PodSandboxConfig__Output } from "@berth/proto/generated/cri/runtime/v1/PodSandboxConfig.ts";
import { unsupported } from "../cri-error.ts";
import type { PinnedNamespace } from "./namespaces.ts";

/** Which namespaces a pod has of its own; the others are the node's. */
export interface SandboxNamespaces {
  network: boolean;
  ipc: boolean;
  /** The pod's containers see each other's processes. */
  sharedPid: boolean;
}

export function namespacesOf(config: PodSandboxConfig__Output): SandboxNamespaces {
  const options = config.linux?.security_context?.namespace_options;
  return {
    network: options?.network !== "NODE",
    ipc: options?.ipc !== "NODE",
    sharedPid: options?.pid === "POD",
  };
}

/** The pod's own name belongs to its own network: on the node's network it has the node's. */
export function pinnedKinds(namespaces: SandboxNamespaces): PinnedNamespace[] {
  return [
    ...(namespaces.network ? (["net", "uts"] as const) : []),
    ...(namespaces.ipc ? (["ipc"] as const) : []),
  ];
}

/** Refuses what this runtime cannot do, before anything is made. */
export function refuseUnsupported(config: PodSandboxConfig__Output): void {
  const { metadata, linux } = config;
  const security = linux?.security_context;
  const wrong = [
    ...(metadata?.name ? [] : ["metadata.name is missing"]),
    ...(metadata?.uid ? [] : ["metadata.uid is missing"]),
    ...(security?.namespace_options?.userns_options?.mode === "POD"
      ? ["hostUsers: false is not supported"]
      : []),
    ...(security?.selinux_options?.type ? ["seLinuxOptions are set, but this node has no SELinux"] : []),
  ];
  if (wrong.length > 0)
    throw new BerthError(unsupported, `pod ${metadata?.namespace}/${metadata?.name}: ${wrong[0]}`);
}
