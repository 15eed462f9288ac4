import { isDeepStrictEqual } from "node:util";
import type { CSINode } from "../../api/index.ts";
import { type ApiClient, ApiError } from "../../client/contracts.ts";
import type { CsiDrivers } from "../../pluginhost/contracts/index.ts";
import { resources } from "../resources.ts";

/** Tells the API which CSI drivers serve this node, under which node id, and how many volumes they take. */
export async function writeCsiNode(
  client: ApiClient,
  nodeName: string,
  nodeUid: string,
  drivers: CsiDrivers,
): Promise<void> {
  const csiNodes = client.resource<CSINode>(resources.csiNodes);
  const wanted = drivers
    .list()
    .filter((driver) => driver.ready)
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map((driver) => ({
      name: driver.name,
      nodeID: driver.nodeId,
      topologyKeys: Object.keys(driver.topology),
      ...(driver.maxVolumesPerNode > 0 ? { allocatable: { count: driver.maxVolumesPerNode } } : {}),
    }));
  try {
    const held = await csiNodes.get(nodeName);
    if (isDeepStrictEqual(held.spec.drivers ?? [], wanted)) return;
    await csiNodes.patch(nodeName, "merge", { spec: { drivers: wanted } });
  } catch (error) {
    if (!ApiError.is(error, "NotFound")) throw error;
    const owner = { apiVersion: "v1", kind: "Node", name: nodeName, uid: nodeUid };
    await csiNodes.create({
      apiVersion: "storage.k8s.io/v1",
      kind: "CSINode",
      metadata: { name: nodeName, ownerReferences: [owner] },
      spec: { drivers: wanted },
    });
  }
}
