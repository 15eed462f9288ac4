import { createServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Pki } from "../../core/http/index.ts";
import { machineAddress } from "./webhook-server.ts";

type Convert = (object: Record<string, unknown>, to: string) => Record<string, unknown>;

/** An HTTPS server that answers ConversionReviews, as an operator's own would. */
export interface ConversionWebhook {
  readonly url: string;
  readonly port: number;
  /** Of this machine, and not the loopback one; undefined where there is none. */
  readonly address: string | undefined;
  /** Base64. */
  readonly caBundle: string;
  /** Reviews answered so far. */
  readonly reviews: { readonly count: number };
  dispose(): Promise<void>;
}

interface Review {
  request: { uid: string; desiredAPIVersion: string; objects: Record<string, unknown>[] };
}

export async function startConversionWebhook(pki: Pki, convert: Convert): Promise<ConversionWebhook> {
  const { key, certificate } = await pki.leaf("conversion", {
    commonName: "conversion",
    hosts: ["127.0.0.1", "conversion.default.svc"],
    usages: ["server"],
  });
  const reviews = { count: 0 };
  const server = createServer({ key, cert: certificate }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      reviews.count++;
      const { request: asked } = JSON.parse(Buffer.concat(chunks).toString()) as Review;
      const { uid, desiredAPIVersion, objects } = asked;
      let answer: object;
      try {
        const convertedObjects = objects.map((one) => convert(one, desiredAPIVersion));
        answer = { uid, result: { status: "Success" }, convertedObjects };
      } catch (error) {
        answer = { uid, result: { status: "Failed", message: (error as Error).message } };
      }
      const review = { kind: "ConversionReview", apiVersion: "apiextensions.k8s.io/v1", response: answer };
      response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(review));
    });
  });
  server.listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/convert`,
    port,
    address: machineAddress(),
    caBundle: Buffer.from(pki.authorityCertificate).toString("base64"),
    reviews,
    async dispose() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
