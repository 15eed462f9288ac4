import type {
  CertificateSigningRequest,
  ClusterRole,
  ConfigMap,
  CSIDriver,
  CSINode,
  ControllerRevision,
  Deployment,
  EndpointSlice,
  Event,
  Lease,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Plugin,
  PluginInstance,
  PluginSet,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  RuntimeClass,
  Secret,
  Service,
  ServiceAccount,
  StorageClass,
  VolumeAttachment,
} from "../api/index.ts";
import type { ApiClient, ApiObject, ResourceClient, ResourceName } from "./contracts.ts";

/** A resource with the type of its objects. */
export interface TypedResource<T extends ApiObject> extends ResourceName {
  /** Never there; carries the type. */
  readonly objectType?: T;
}

function resource<T extends ApiObject>(
  group: string,
  version: string,
  name: string,
  scope: "namespaced" | "cluster",
): TypedResource<T> {
  return { group, version, resource: name, namespaced: scope === "namespaced" };
}

/** The resources that parts of Berth itself work with. */
export const resources = {
  pods: resource<Pod>("", "v1", "pods", "namespaced"),
  disruptionBudgets: resource<PodDisruptionBudget>("policy", "v1", "poddisruptionbudgets", "namespaced"),
  nodes: resource<Node>("", "v1", "nodes", "cluster"),
  namespaces: resource<Namespace>("", "v1", "namespaces", "cluster"),
  configMaps: resource<ConfigMap>("", "v1", "configmaps", "namespaced"),
  services: resource<Service>("", "v1", "services", "namespaced"),
  endpointSlices: resource<EndpointSlice>("discovery.k8s.io", "v1", "endpointslices", "namespaced"),
  secrets: resource<Secret>("", "v1", "secrets", "namespaced"),
  serviceAccounts: resource<ServiceAccount>("", "v1", "serviceaccounts", "namespaced"),
  deployments: resource<Deployment>("apps", "v1", "deployments", "namespaced"),
  replicaSets: resource<ReplicaSet>("apps", "v1", "replicasets", "namespaced"),
  leases: resource<Lease>("coordination.k8s.io", "v1", "leases", "namespaced"),
  claims: resource<PersistentVolumeClaim>("", "v1", "persistentvolumeclaims", "namespaced"),
  volumes: resource<PersistentVolume>("", "v1", "persistentvolumes", "cluster"),
  storageClasses: resource<StorageClass>("storage.k8s.io", "v1", "storageclasses", "cluster"),
  csiDrivers: resource<CSIDriver>("storage.k8s.io", "v1", "csidrivers", "cluster"),
  csiNodes: resource<CSINode>("storage.k8s.io", "v1", "csinodes", "cluster"),
  volumeAttachments: resource<VolumeAttachment>("storage.k8s.io", "v1", "volumeattachments", "cluster"),
  runtimeClasses: resource<RuntimeClass>("node.k8s.io", "v1", "runtimeclasses", "cluster"),
  signingRequests: resource<CertificateSigningRequest>(
    "certificates.k8s.io",
    "v1",
    "certificatesigningrequests",
    "cluster",
  ),
  clusterRoles: resource<ClusterRole>("rbac.authorization.k8s.io", "v1", "clusterroles", "cluster"),
  controllerRevisions: resource<ControllerRevision>("apps", "v1", "controllerrevisions", "namespaced"),
  events: resource<Event>("", "v1", "events", "namespaced"),
  plugins: resource<Plugin>("berth.dev", "v1alpha1", "plugins", "cluster"),
  pluginSets: resource<PluginSet>("berth.dev", "v1alpha1", "pluginsets", "cluster"),
  pluginInstances: resource<PluginInstance>("berth.dev", "v1alpha1", "plugininstances", "cluster"),
} as const;

/** `clientOf(api, resources.pods)` with the type that belongs to it. */
export function clientOf<T extends ApiObject>(api: ApiClient, name: TypedResource<T>): ResourceClient<T> {
  return api.resource<T>(name);
}
