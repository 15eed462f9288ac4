import type { ApiClient } from "../../client/contracts.ts";

/** What the kubelet of a node answers after an import. */
export interface ImportedImages {
  readonly images: readonly { reference: string; imageId: string; handler: string }[];
}

/** Sends an image archive to a node, for every runtime handler that takes archives. */
export async function importImage(
  client: ApiClient,
  nodeName: string,
  archive: Uint8Array,
): Promise<ImportedImages> {
  const response = await client.request({
    method: "POST",
    path: `/api/v1/nodes/${encodeURIComponent(nodeName)}/proxy/images/import`,
    headers: { "content-type": "application/x-tar" },
    body: archive,
  });
  return response.body as ImportedImages;
}
