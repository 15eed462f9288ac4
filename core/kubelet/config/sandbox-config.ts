import type { PodSandboxConfig } from "@berth/proto/generated/cri/runtime/v1/PodSandboxConfig.ts";
import type { PortMapping } from "@berth/proto/generated/cri/runtime/v1/PortMapping.ts";
import type { Pod } from "../../api/index.ts";
import { annotations, podLabels } from "../actual/cri-labels.ts";
import { podNamespace, podUid } from "../pods/pod-containers.ts";
import { type CgroupDriver, podCgroup } from "./cgroup-names.ts";
import { type ClusterDns, type DnsSettings, podDns, podHostname } from "./dns.ts";
import { namespaceOptions, seccompProfile, supplementalGroups } from "./security-context.ts";

export interface SandboxSettings {
  readonly nodeDns: DnsSettings;
  readonly clusterDns: ClusterDns;
  /** Folder of all pods' logs. */
  readonly logsRoot: string;
  readonly cgroupRoot: string;
  readonly cgroupDriver: CgroupDriver;
  readonly seccompRoot: string;
  readonly nodeName: string;
  /** "id@version" of the runtime plugin. */
  readonly plugin: string;
}

export function sandboxConfig(pod: Pod, attempt: number, settings: SandboxSettings): PodSandboxConfig {
  const context = pod.spec?.securityContext ?? {};
  const dns = podDns(pod, settings.nodeDns, settings.clusterDns);
  return {
    metadata: { name: pod.metadata.name, namespace: podNamespace(pod), uid: podUid(pod), attempt },
    hostname: pod.spec?.hostNetwork ? settings.nodeName : podHostname(pod),
    log_directory: podLogFolder(settings.logsRoot, pod),
    dns_config: { servers: [...dns.servers], searches: [...dns.searches], options: [...dns.options] },
    port_mappings: pod.spec?.hostNetwork ? [] : portMappings(pod),
    labels: podLabels(pod),
    annotations: {
      ...pod.metadata.annotations,
      [annotations.plugin]: settings.plugin,
      [annotations.node]: settings.nodeName,
      [annotations.gracePeriod]: String(pod.spec?.terminationGracePeriodSeconds ?? 30),
    },
    linux: {
      cgroup_parent: podCgroup(pod, settings.cgroupRoot, settings.cgroupDriver),
      sysctls: Object.fromEntries((context.sysctls ?? []).map(({ name, value }) => [name, value])),
      security_context: {
        namespace_options: namespaceOptions(pod),
        privileged: (pod.spec?.containers ?? []).some((container) => container.securityContext?.privileged),
        supplemental_groups: supplementalGroups(pod),
        ...(context.runAsUser === undefined ? {} : { run_as_user: { value: context.runAsUser } }),
        ...(context.runAsGroup === undefined ? {} : { run_as_group: { value: context.runAsGroup } }),
        seccomp: seccompProfile(context.seccompProfile ?? { type: "RuntimeDefault" }, settings.seccompRoot),
      },
    },
  };
}

export function podLogFolder(root: string, pod: Pod): string {
  return `${root}/${podNamespace(pod)}_${pod.metadata.name}_${podUid(pod)}`;
}

function portMappings(pod: Pod): PortMapping[] {
  return [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])].flatMap((container) =>
    (container.ports ?? []).flatMap((port) =>
      port.hostPort
        ? [
            {
              protocol: port.protocol ?? "TCP",
              container_port: port.containerPort,
              host_port: port.hostPort,
              host_ip: port.hostIP ?? "",
            },
          ]
        : [],
    ),
  );
}
