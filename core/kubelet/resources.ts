import type { ResourceName } from "../client/contracts.ts";

/** The resources of the API that the node reads and writes. */
export const resources = {
  pods: { group: "", version: "v1", resource: "pods", namespaced: true },
  nodes: { group: "", version: "v1", resource: "nodes", namespaced: false },
  services: { group: "", version: "v1", resource: "services", namespaced: true },
  configMaps: { group: "", version: "v1", resource: "configmaps", namespaced: true },
  secrets: { group: "", version: "v1", resource: "secrets", namespaced: true },
  serviceAccounts: { group: "", version: "v1", resource: "serviceaccounts", namespaced: true },
  claims: { group: "", version: "v1", resource: "persistentvolumeclaims", namespaced: true },
  volumes: { group: "", version: "v1", resource: "persistentvolumes", namespaced: false },
  leases: { group: "coordination.k8s.io", version: "v1", resource: "leases", namespaced: true },
  runtimeClasses: { group: "node.k8s.io", version: "v1", resource: "runtimeclasses", namespaced: false },
  csiDrivers: { group: "storage.k8s.io", version: "v1", resource: "csidrivers", namespaced: false },
  csiNodes: { group: "storage.k8s.io", version: "v1", resource: "csinodes", namespaced: false },
  attachments: { group: "storage.k8s.io", version: "v1", resource: "volumeattachments", namespaced: false },
} as const satisfies Record<string, ResourceName>;
