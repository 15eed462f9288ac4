import { deepEqual, type OwnerReference, mirrorAnnotation } from "../../api/index.ts";
import { nodeNameOf } from "../authz/node-authorizer.ts";
import type { KindCache } from "../cache/kind-cache.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import { type PodLike, podReferences } from "../authz/pod-references.ts";
import { forbidden, notFound } from "../request/status-error.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

/** Labels of these domains steer pods; of them a node says only what it is. */
const clusterDomains = ["kubernetes.io", "k8s.io"];
const ownDomains = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const ownLabels: ReadonlySet<string> = new Set([
  ...["hostname", "os", "arch"].map((name) => `kubernetes.io/${name}`),
  ...["zone", "region"].map((name) => `topology.kubernetes.io/${name}`),
  ...["zone", "region"].map((name) => `failure-domain.beta.kubernetes.io/${name}`),
  ...["os", "arch", "instance-type"].map((name) => `beta.kubernetes.io/${name}`),
]);

/** A node writes about itself and its own pods only. */
export function nodeRestriction(cache: WatchCache): AdmissionPlugin {
  const nodes = cache.kind("/core/nodes/");
  return {
    name: "NodeRestriction",
    validate(request) {
      const node = nodeNameOf(request.user);
      if (node === undefined) return;
      const check = checks[`${request.kind.group}/${request.kind.kind}`];
      const why = check?.(request, node, nodes);
      if (why !== undefined) throw forbidden(request.kind, request.name, why);
    },
  };
}

/** The reason of a refusal. */
type Check = (request: AdmissionRequest, node: string, nodes: KindCache) => string | undefined;

const checks: Readonly<Record<string, Check>> = {
  "/Node": ({ operation, name, object, old }, node) => {
    const subject = object?.metadata.name ?? name;
    if (subject !== node)
      return `node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(subject)}`;
    if (operation === "DELETE") return `node ${JSON.stringify(node)} is not allowed to delete itself`;
    const labels = restrictedLabels(object);
    const before = restrictedLabels(old);
    const changed = [...new Set([...Object.keys(labels), ...Object.keys(before)])].filter(
      (label) => labels[label] !== before[label],
    );
    if (changed.length > 0) return `is not allowed to modify labels: ${changed.toSorted().join(", ")}`;
    // It could draw pods to itself that others keep away from it.
    if (operation === "UPDATE" && !deepEqual(object?.spec?.["taints"] ?? [], old?.spec?.["taints"] ?? []))
      return `node ${JSON.stringify(node)} is not allowed to modify taints`;
    if (operation === "UPDATE" && !deepEqual(ownersOf(object), ownersOf(old)))
      return `node ${JSON.stringify(node)} is not allowed to modify ownerReferences`;
    return undefined;
  },
  "/Pod": ({ operation, subresource, object, old }, node, nodes) => {
    if (operation === "CREATE") return notAMirror(object, node, nodes);
    if (subresource === "status" && !deepEqual(object?.metadata.labels ?? {}, old?.metadata.labels ?? {}))
      return `node ${JSON.stringify(node)} cannot update labels through pod status`;
    if (old?.spec?.["nodeName"] !== node) {
      const what = subresource === "status" ? "update pod status for" : operation.toLowerCase();
      return `node ${JSON.stringify(node)} can only ${what} pods with spec.nodeName set to itself`;
    }
    return undefined;
  },
  "coordination.k8s.io/Lease": ({ object, name, namespace }, node) => {
    const subject = object?.metadata.name ?? name;
    if (namespace !== "kube-node-lease")
      return `can only access leases in the "kube-node-lease" system namespace`;
    if (subject !== node) return `can only access node lease with the same name as the requesting node`;
    return undefined;
  },
  "storage.k8s.io/CSINode": ({ object, name }, node) => {
    const subject = object?.metadata.name ?? name;
    return subject === node ? undefined : `can only access CSINode with the same name as the requesting node`;
  },
  "resource.k8s.io/ResourceSlice": ({ object, old }, node) => {
    const named = (object ?? old)?.spec?.["nodeName"];
    if (named === node) return undefined;
    return `node ${JSON.stringify(node)} can only write ResourceSlices with spec.nodeName set to itself`;
  },
  "berth.dev/PluginInstance": ({ object, old }, node) => {
    const named = (object ?? old)?.spec?.["nodeName"];
    const before = old?.spec?.["nodeName"] ?? named;
    if (named === node && before === node) return undefined;
    return `node ${JSON.stringify(node)} can only write plugin instances with spec.nodeName set to itself`;
  },
};

/** Why a node may not create this pod: a mirror that named anything would make it the node's own to read. */
function notAMirror(object: Draft | undefined, node: string, nodes: KindCache): string | undefined {
  const who = `node ${JSON.stringify(node)}`;
  if (object?.metadata.annotations?.[mirrorAnnotation] === undefined)
    return `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, ${who} can only create mirror pods`;
  const pod = object as PodLike;
  if (pod.spec?.nodeName !== node) return `${who} can only create pods with spec.nodeName set to itself`;
  const stranger = notItsOwner(ownersOf(object), node, nodes);
  if (stranger !== undefined) return stranger;
  if (pod.spec?.serviceAccountName) return `${who} can not create pods that reference a service account`;
  const sources = (pod.spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  if (sources.some((source) => source.serviceAccountToken))
    return `${who} can not create pods that reference a service account token`;
  const named = Object.entries(podReferences(pod)).find(([, names]) => names.size > 0);
  return named && `${who} can not create pods that reference ${named[0]}`;
}

/** With the node a mirror goes; it must be this node as it is now, and not one of its name that was. */
function notItsOwner(owners: readonly OwnerReference[], node: string, nodes: KindCache): string | undefined {
  const may = `node ${JSON.stringify(node)} can only create pods with`;
  if (owners.length > 1) return `${may} a single owner reference set to itself`;
  const [owner] = owners;
  if (owner?.apiVersion !== "v1" || owner.kind !== "Node" || owner.name !== node)
    return `${may} an owner reference set to itself`;
  if (owner.controller !== true) return `${may} a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion === true)
    return `node ${JSON.stringify(node)} must not set blockOwnerDeletion on an owner reference`;
  const found = nodes.get(`/core/nodes/${node}`);
  if (!found) throw notFound({ group: "", resource: "nodes" }, node);
  const { uid = "" } = found.object<Draft>().metadata;
  return uid === owner.uid ? undefined : `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`;
}

function ownersOf(object: Draft | undefined): readonly OwnerReference[] {
  return object?.metadata.ownerReferences ?? [];
}

function restrictedLabels(object: Draft | undefined): Record<string, string> {
  const labels = Object.entries(object?.metadata.labels ?? {});
  return Object.fromEntries(labels.filter(([label]) => isRestricted(label)));
}

function isRestricted(label: string): boolean {
  const domain = label.includes("/") ? label.slice(0, label.indexOf("/")) : "";
  const isBelow = (one: string): boolean => domain === one || domain.endsWith(`.${one}`);
  return clusterDomains.some(isBelow) && !ownDomains.some(isBelow) && !ownLabels.has(label);
}
