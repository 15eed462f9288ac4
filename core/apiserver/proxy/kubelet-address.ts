import type { ObjectStore } from "../registry/object-store.ts";
import type { Draft } from "../registry/object-meta.ts";
import { badRequest, notFound, serviceUnavailable } from "../request/status-error.ts";
import { kinds } from "../../api/index.ts";

/** Where a node's kubelet listens. */
export interface KubeletAddress {
  readonly node: string;
  readonly host: string;
  readonly port: number;
}

interface NodeStatus {
  addresses?: { type: string; address: string }[];
  daemonEndpoints?: { kubeletEndpoint?: { Port?: number } };
}

const nodeKind = kinds.byKind("", "v1", "Node")!;
const podKind = kinds.byKind("", "v1", "Pod")!;
/** Set by a kubelet that listens at none of its node's addresses. */
const hostAnnotation = "berth.dev/kubelet-host";
const addressOrder = ["InternalIP", "ExternalIP", "Hostname"];

/** @throws StatusError 404 for an unknown node, 503 for one that has not said where it listens */
export function kubeletOf(objects: ObjectStore, node: string): KubeletAddress {
  const found = objects.cached(nodeKind, "", node);
  if (!found) throw notFound(nodeKind, node);
  const { metadata, status } = found.object<Draft>();
  const { addresses = [], daemonEndpoints } = (status ?? {}) as NodeStatus;
  const port = daemonEndpoints?.kubeletEndpoint?.Port;
  const host =
    metadata.annotations?.[hostAnnotation] ??
    addressOrder
      .map((type) => addresses.find((one) => one.type === type)?.address)
      .find((one) => one !== undefined);
  if (!host || !port) throw serviceUnavailable(`node ${node} has not told where its kubelet listens`);
  return { node, host, port };
}

export interface PodPlace {
  readonly kubelet: KubeletAddress;
  readonly uid: string;
  /** The container asked for, or the only one. */
  readonly container: string;
}

interface PodSpec {
  nodeName?: string;
  containers?: { name: string }[];
  initContainers?: { name: string }[];
  ephemeralContainers?: { name: string }[];
}

/** @param asked "" for the pod's only container; port-forward asks for none. */
export function podPlace(objects: ObjectStore, namespace: string, name: string, asked: string): PodPlace {
  const found = objects.cached(podKind, namespace, name);
  if (!found) throw notFound(podKind, name);
  const { metadata, spec } = found.object<Draft>();
  const {
    nodeName,
    containers = [],
    initContainers = [],
    ephemeralContainers = [],
  } = (spec ?? {}) as PodSpec;
  if (!nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  const all = [...containers, ...initContainers, ...ephemeralContainers].map((one) => one.name);
  if (asked !== "" && !all.includes(asked))
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  return {
    kubelet: kubeletOf(objects, nodeName),
    uid: metadata.uid ?? "",
    container: asked || (containers[0]?.name ?? ""),
  };
}

/** @throws StatusError 400 when a pod of several containers is asked without naming one */
export function demandOneContainer(
  objects: ObjectStore,
  namespace: string,
  name: string,
  asked: string,
): void {
  const spec = objects.cached(podKind, namespace, name)?.object<Draft>().spec as PodSpec | undefined;
  const containers = spec?.containers ?? [];
  if (asked !== "" || containers.length < 2) return;
  const names = containers.map((one) => one.name).join(" ");
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names}]`);
}
