import { createReadStream } from "node:fs";
import { request } from "node:https";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import { BerthError } from "@berth/base";
import type { Node } from "../../api/index.ts";
import { clientOf, createApiClient, httpsTransport, readKubeconfig, resources } from "../../client/index.ts";

const importFailed = BerthError.define({
  code: "BERTH_MAIN_IMAGE_IMPORT",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "operator",
  next: "Correct what the message names; nothing was imported at the plugin that refused.",
});

/** A node that unpacks a large layer is silent for a while; one that is silent for longer does not unpack. */
const silenceMs = 120_000;

/** One image of the archive, at one runtime plugin. */
export interface ImportedImage {
  readonly reference: string;
  readonly imageId: string;
  readonly plugin: string;
}

/** Sends an image archive to a node's kubelet, which gives it to every runtime plugin that takes archives. */
export async function importImage(
  kubeconfig: string,
  nodeName: string,
  file: string,
  signal?: AbortSignal,
): Promise<ImportedImage[]> {
  const options = await readKubeconfig(kubeconfig);
  const node = await clientOf(createApiClient(httpsTransport(options)), resources.nodes).get(nodeName);
  const { host, port } = kubeletOf(node);
  const outgoing = request({
    host,
    port,
    method: "POST",
    path: "/images/import",
    headers: { "content-type": "application/x-tar" },
    agent: false,
    ...(signal && { signal }),
    ...(options.authority && { ca: options.authority }),
    ...(options.certificate && { cert: options.certificate.certificate, key: options.certificate.key }),
  });
  outgoing.setTimeout(silenceMs, () => {
    outgoing.destroy(new Error(`node ${nodeName} said nothing for ${silenceMs / 1000} s`));
  });
  const answered = new Promise<{ status: number; body: string }>((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      text(incoming).then((body) => resolve({ status: incoming.statusCode ?? 0, body }), reject);
    });
  });
  const [answer] = await Promise.all([answered, pipeline(createReadStream(file), outgoing)]);
  if (answer.status !== 200)
    throw new BerthError(importFailed, `${file} was not imported: ${answer.body.trim()}`);
  return (JSON.parse(answer.body) as { images: ImportedImage[] }).images;
}

function kubeletOf({ metadata, status }: Node): { host: string; port: number } {
  const host =
    metadata.annotations?.["berth.dev/kubelet-host"] ??
    status?.addresses?.find((address) => address.type === "InternalIP")?.address;
  const port = status?.daemonEndpoints?.kubeletEndpoint?.Port;
  if (!host || !port)
    throw new BerthError(importFailed, `node ${metadata.name} has not told where its kubelet listens`);
  return { host, port };
}
