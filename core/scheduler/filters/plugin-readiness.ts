import type { ContractKind, PluginInstance } from "../../api/index.ts";
import { isBound } from "../../api/scheduling/volume-match.ts";
import type { Cluster, Filter, NodeInfo, PodInfo, Refusal } from "../model.ts";
import { podClaims } from "../pod-claims.ts";

/** Something a pod cannot start without, as PluginInstance.status.capabilities names it. */
interface Need {
  readonly capability: string;
  readonly contract: ContractKind;
  /** `runtime handler "gvisor"` */
  readonly what: string;
}

/**
 * Lets a pod wait until every plugin it needs is ready on the node. Nodes on which no plugin tells of itself are none
 * of Berth's and are let pass.
 */
export const pluginReadiness: Filter = {
  name: "plugin readiness",
  wakesOn: new Set(["plugin", "storage", "runtimeClass", "node"]),
  check(pod, node, cluster) {
    if (node.instances.length === 0) return undefined;
    const offered = new Set(node.instances.flatMap(({ status }) => status?.capabilities ?? []));
    const refusals: Refusal[] = [];
    for (const need of needsOf(pod, node, cluster)) {
      if (!isOffered(need, offered)) {
        refusals.push({ reason: `node(s) wait for ${need.what}: ${whyNot(need, node)}` });
      }
    }
    return refusals.length > 0 ? refusals : undefined;
  },
};

function needsOf(pod: PodInfo, node: NodeInfo, cluster: Cluster): Need[] {
  const { spec } = pod.pod;
  const handler = cluster.runtimeClass(spec.runtimeClassName ?? "")?.handler ?? "";
  const needs: Need[] = [
    {
      capability: `runtime:${handler}`,
      contract: "cri",
      what: handler === "" ? "a container runtime" : `runtime handler "${handler}"`,
    },
  ];
  if (!spec.hostNetwork) needs.push({ capability: "network", contract: "cni", what: "the network" });
  for (const driver of driversOf(pod, cluster)) {
    needs.push({ capability: `csi:${driver}`, contract: "csi", what: `volume driver "${driver}"` });
  }
  for (const resource of lostDevices(pod, node)) {
    needs.push({ capability: `device:${resource}`, contract: "device", what: `devices "${resource}"` });
  }
  return needs;
}

function isOffered({ capability }: Need, offered: ReadonlySet<string>): boolean {
  if (capability !== "runtime:") return offered.has(capability);
  return [...offered].some((name) => name.startsWith("runtime:"));
}

/** CSI drivers of a pod's volumes: bound, still to be made, or written in the pod itself. */
function driversOf(pod: PodInfo, cluster: Cluster): Set<string> {
  const drivers = new Set<string>();
  for (const { csi } of pod.pod.spec.volumes ?? []) if (csi) drivers.add(csi.driver);
  for (const { claim } of podClaims(pod, cluster)) {
    if (!claim) continue;
    const driver = isBound(claim)
      ? cluster.volume(claim.spec.volumeName!)?.spec.csi?.driver
      : cluster.storageClass(claim.spec.storageClassName ?? "")?.provisioner;
    if (driver !== undefined && !driver.startsWith("kubernetes.io/")) drivers.add(driver);
  }
  return drivers;
}

/** Resources the node has, none of which can be given now: their plugin is away. */
function lostDevices({ requests }: PodInfo, { node, allocatable }: NodeInfo): string[] {
  return [...requests.keys()].filter(
    (name) =>
      name.includes("/") && Number(node.status?.capacity?.[name] ?? 0) > 0 && allocatable.get(name) === 0,
  );
}

function whyNot({ contract }: Need, { instances }: NodeInfo): string {
  const candidates = instances.filter((instance) => instance.spec.contract === contract);
  if (candidates.length === 0) return `no ${contract} plugin is installed`;
  const unready = candidates.filter((instance) => instance.status?.state !== "ready");
  if (unready.length === 0) return "no installed plugin offers it";
  return unready.map(describe).join(", ");
}

function describe({ spec, status }: PluginInstance): string {
  const state = `plugin ${spec.plugin} is ${status?.state ?? "not started"}`;
  return status?.reason ? `${state} (${status.reason})` : state;
}
