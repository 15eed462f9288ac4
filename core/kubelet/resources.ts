import type { CSINode, Secret, Service } from "../api/index.ts";
import { resources as shared, type TypedResource } from "../client/resources.ts";

const secrets: TypedResource<Secret> = { group: "", version: "v1", resource: "secrets", namespaced: true };
const services: TypedResource<Service> = { group: "", version: "v1", resource: "services", namespaced: true };
const csiNodes: TypedResource<CSINode> = {
  group: "storage.k8s.io",
  version: "v1",
  resource: "csinodes",
  namespaced: false,
};

/** The resources of the API that the node reads and writes. */
export const resources = { ...shared, secrets, services, csiNodes, attachments: shared.volumeAttachments };
