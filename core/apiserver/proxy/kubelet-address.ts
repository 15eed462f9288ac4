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
  /** The container asked for, or the only one; "" where the whole pod is meant. */
  readonly container: string;
}

interface PodSpec {
  containers?: { name: string }[];
  initContainers?: { name: string }[];
  ephemeralContainers?: { name: string }[];
}

/**
 * @param asked name of a container, "" for the only one; undefined where the whole pod is meant
 * @throws StatusError 404 for an unknown pod, 400 for no such container, for one of several that is not named, and before the
 *   pod is on a node
 */
export function podPlace(
  objects: ObjectStore,
  namespace: string,
  name: string,
  asked: string | undefined,
): PodPlace {
  const place = scheduledPlace(objects, namespace, name, asked);
  if (!place) throw badRequest(`pod ${name} does not have a host assigned`);
  return place;
}

/** As {@link podPlace}; undefined before the pod is on a node. */
export function scheduledPlace(
  objects: ObjectStore,
  namespace: string,
  name: string,
  asked: string | undefined,
): PodPlace | undefined {
  const found = objects.cached(podKind, namespace, name);
  if (!found) throw notFound(podKind, name);
  const { metadata, spec } = found.object<Draft>();
  const container = asked === undefined ? "" : containerOf(spec ?? {}, name, asked);
  const nodeName = spec?.["nodeName"] as string | undefined;
  if (!nodeName) return undefined;
  return { kubelet: kubeletOf(objects, nodeName), uid: metadata.uid ?? "", container };
}

function containerOf(
  { containers = [], initContainers = [], ephemeralContainers = [] }: PodSpec,
  pod: string,
  asked: string,
): string {
  const all = [...initContainers, ...containers, ...ephemeralContainers].map((one) => one.name);
  if (asked !== "" && !all.includes(asked))
    throw badRequest(`container ${asked} is not valid for pod ${pod}`);
  if (asked === "" && containers.length > 1)
    throw badRequest(`a container name must be specified for pod ${pod}, choose one of: [${all.join(" ")}]`);
  return asked || (containers[0]?.name ?? "");
}
