import { deepEqual, hasSubresource, type Kind } from "../../api/index.ts";
import type { Draft } from "./object-meta.ts";

/**
 * Keeps the two halves of an object apart: a write to the object leaves its status as it was, one to the status
 * leaves everything else but labels and annotations as it was.
 */
export function isolateStatus(kind: Kind, object: Draft, old: Draft, subresource: string): void {
  if (subresource === "status" || subresource === "approval") {
    const { metadata, status } = object;
    for (const member of Object.keys(object)) if (!isHead(member)) delete object[member];
    for (const [member, value] of Object.entries(old)) if (!isHead(member)) object[member] = value;
    if (status === undefined) delete object.status;
    else object.status = status;
    object.metadata = {
      ...old.metadata,
      ...(kind.custom ? {} : shared(kind, metadata, old.metadata)),
      ...(metadata.managedFields ? { managedFields: metadata.managedFields } : {}),
      resourceVersion: metadata.resourceVersion,
    };
    for (const [field, value] of Object.entries(object.metadata))
      if (value === undefined) Reflect.deleteProperty(object.metadata, field);
    return;
  }
  // A binding writes a condition beside the node's name.
  if (subresource === "binding" || !hasSubresource(kind, "status")) return;
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}

/** What a write to the status of a built-in kind may change besides it; a Deployment's labels are its author's. */
function shared(
  kind: Kind,
  { labels, annotations, finalizers }: Draft["metadata"],
  old: Draft["metadata"],
): Partial<Draft["metadata"]> {
  return { labels: kind.type === "apps.v1.Deployment" ? old.labels : labels, annotations, finalizers };
}

function isHead(member: string): boolean {
  return member === "apiVersion" || member === "kind" || member === "metadata";
}

/** Kinds that count generations: those with a spec that somebody acts upon. */
export function hasGeneration(kind: Kind, object: Draft): boolean {
  if (kind.custom) return true;
  const name = `${kind.group}/${kind.kind}`;
  return generated.has(name) || (object.spec !== undefined && !ungenerated.has(name));
}

/** Without a spec, but counted all the same. */
const generated: ReadonlySet<string> = new Set([
  "/PodTemplate",
  "admissionregistration.k8s.io/MutatingWebhookConfiguration",
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
  "discovery.k8s.io/EndpointSlice",
  "scheduling.k8s.io/PriorityClass",
]);

const ungenerated: ReadonlySet<string> = new Set([
  "/Node",
  "/Namespace",
  "/PersistentVolume",
  "/PersistentVolumeClaim",
  "/ResourceQuota",
  "/LimitRange",
  "/Service",
  "certificates.k8s.io/CertificateSigningRequest",
  "coordination.k8s.io/Lease",
  "apiregistration.k8s.io/APIService",
  "certificates.k8s.io/CertificateSigningRequest",
  "autoscaling/HorizontalPodAutoscaler",
  "networking.k8s.io/IPAddress",
  "networking.k8s.io/ServiceCIDR",
  "resource.k8s.io/ResourceClaim",
  "resource.k8s.io/ResourceClaimTemplate",
  "storage.k8s.io/CSIDriver",
  "storage.k8s.io/CSINode",
  "storage.k8s.io/VolumeAttachment",
]);

/** One more generation when anything but metadata and status changed; a Deployment's annotations count as well. */
export function countGeneration(kind: Kind, object: Draft, old: Draft): void {
  if (!hasGeneration(kind, object)) return;
  const generation = old.metadata.generation ?? 0;
  const isFixed = kind.kind === "PriorityClass" && kind.group === "scheduling.k8s.io";
  object.metadata.generation = isFixed || desiredEqual(kind, object, old) ? generation : generation + 1;
  if (object.metadata.generation === 0) delete object.metadata.generation;
}

function desiredEqual(kind: Kind, a: Draft, b: Draft): boolean {
  // Its annotations are copied to its replica sets.
  const isCopied = kind.type === "apps.v1.Deployment";
  if (isCopied && !deepEqual(a.metadata.annotations ?? {}, b.metadata.annotations ?? {})) return false;
  const isPlain = kind.custom !== undefined && !hasSubresource(kind, "status");
  const members = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const member of members) {
    if (isHead(member) || (member === "status" && !isPlain)) continue;
    if (!deepEqual(a[member], b[member])) return false;
  }
  return true;
}
