import { isJsonObject, type JsonObject, ownMember } from "../json/json-value.ts";
import type { Kind } from "../kinds/kind.ts";

/** Reads the value a selector compares, the empty string where the object has none. */
export type FieldReader = (object: JsonObject) => string;

const fieldsByType: Readonly<Record<string, readonly string[]>> = {
  "core.v1.Pod": [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
  ],
  "core.v1.Node": ["spec.unschedulable"],
  "core.v1.Namespace": ["status.phase"],
  "core.v1.Secret": ["type"],
  "core.v1.Service": ["spec.clusterIP", "spec.type"],
  "core.v1.ReplicationController": ["status.replicas"],
  "core.v1.Event": [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  "events.v1.Event": [
    "regarding.kind",
    "regarding.namespace",
    "regarding.name",
    "regarding.uid",
    "regarding.apiVersion",
    "regarding.resourceVersion",
    "regarding.fieldPath",
    "reason",
    "reportingController",
    "type",
  ],
  "batch.v1.Job": ["status.successful"],
  "certificates.v1.CertificateSigningRequest": ["spec.signerName"],
  "storage.v1.VolumeAttachment": ["spec.nodeName", "spec.attacher"],
  "resource.v1.ResourceSlice": ["spec.nodeName", "spec.driver"],
  "berth.v1alpha1.PluginInstance": ["spec.plugin", "spec.nodeName", "spec.contract", "status.state"],
  "berth.v1alpha1.Plugin": ["spec.contract"],
};

/** Fields whose value is not simply what stands at their path. */
const special: Readonly<Record<string, FieldReader>> = {
  "core.v1.Event source": (event) =>
    readPath(["source", "component"])(event) || readPath(["reportingComponent"])(event),
  "core.v1.Event reportingComponent": (event) =>
    readPath(["reportingComponent"])(event) || readPath(["source", "component"])(event),
  "core.v1.Node spec.unschedulable": (node) => readPath(["spec", "unschedulable"])(node) || "false",
  // It may be asked for, and is never told of any pod.
  "core.v1.Pod status.podIPs": () => "",
  "core.v1.Pod spec.hostNetwork": (pod) => readPath(["spec", "hostNetwork"])(pod) || "false",
  "batch.v1.Job status.successful": (job) => readPath(["status", "succeeded"])(job) || "0",
  "core.v1.ReplicationController status.replicas": (set) => readPath(["status", "replicas"])(set) || "0",
};

/** The fields objects of a kind can be selected by: name and namespace always, others by kind. */
export function selectableFields(kind: Kind): ReadonlyMap<string, FieldReader> {
  const known = readers.get(kind.type);
  if (known) return known;
  if (kind.custom?.selectable.length) return customFields(kind, kind.custom.selectable);
  return kind.namespaced ? namespacedMeta : clusterMeta;
}

/** Whether fields other than name and namespace may select objects of the kind, or might in some version of it. */
export function isSelectedByFields(kind: Kind): boolean {
  return kind.custom !== undefined || readers.has(kind.type);
}

function readPath(path: readonly string[]): FieldReader {
  return (object) => {
    let value: unknown = object;
    for (const name of path) value = isJsonObject(value) ? ownMember(value, name) : undefined;
    return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
  };
}

/** Paths that a definition names; `.spec.color` is selected by as `spec.color`. */
function customFields(kind: Kind, paths: readonly string[]): ReadonlyMap<string, FieldReader> {
  return new Map([
    ...(kind.namespaced ? namespacedMeta : clusterMeta),
    ...paths.map((path): [string, FieldReader] => {
      const name = path.replace(/^\./, "");
      return [name, readPath(name.split("."))];
    }),
  ]);
}

const clusterMeta: ReadonlyMap<string, FieldReader> = new Map([
  ["metadata.name", readPath(["metadata", "name"])],
]);
const namespacedMeta: ReadonlyMap<string, FieldReader> = new Map([
  ...clusterMeta,
  ["metadata.namespace", readPath(["metadata", "namespace"])],
]);

const readers: ReadonlyMap<string, ReadonlyMap<string, FieldReader>> = new Map(
  Object.entries(fieldsByType).map(([type, fields]) => [
    type,
    new Map([
      ...namespacedMeta,
      ...fields.map((field): [string, FieldReader] => [
        field,
        special[`${type} ${field}`] ?? readPath(field.split(".")),
      ]),
    ]),
  ]),
);
