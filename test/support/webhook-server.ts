import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import type { Pki } from "../../core/http/index.ts";

export interface Review {
  readonly uid: string;
  readonly operation: string;
  readonly name: string;
  readonly namespace?: string;
  readonly dryRun: boolean;
  readonly subResource?: string;
  readonly kind: { readonly kind: string };
  readonly userInfo: { readonly username: string };
  readonly object: WebhookObject | null;
  readonly oldObject: WebhookObject | null;
}

export interface WebhookObject {
  metadata: { name?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: { replicas?: number; containers?: { name: string }[] };
}

/** What a webhook says besides the uid; a text is sent as it is, `hang` says nothing at all. */
export type Saying =
  | string
  | { allowed: boolean; status?: object; patch?: object[]; warnings?: string[]; auditAnnotations?: object };

/** A real HTTPS server that answers AdmissionReviews by path, with a certificate of the test's own authority. */
export interface WebhookServer {
  readonly port: number;
  /** Of this machine, and not the loopback one, which no endpoint may have; undefined where there is none. */
  readonly address: string | undefined;
  /** For `caBundle`. */
  readonly caBundle: string;
  /** Every review that came, in order. */
  readonly asked: { path: string; request: Review }[];
  answer(path: string, saying: (request: Review) => Saying): void;
  url(path: string): string;
  dispose(): Promise<void>;
}

export async function startWebhookServer(pki: Pki): Promise<WebhookServer> {
  const leaf = await pki.leaf("webhook", {
    commonName: "webhook",
    usages: ["server"],
    hosts: ["localhost", "hook.default.svc", "127.0.0.1"],
  });
  const answers = new Map<string, (request: Review) => Saying>();
  const asked: { path: string; request: Review }[] = [];
  const server: Server = createServer({ key: leaf.key, cert: leaf.certificate }, (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const path = new URL(incoming.url ?? "/", "https://x").pathname;
      const { request } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { request: Review };
      asked.push({ path, request });
      const saying = answers.get(path)?.(request) ?? { allowed: true };
      if (saying === "hang") return;
      if (typeof saying === "string") {
        outgoing.end(saying);
        return;
      }
      const { patch, ...rest } = saying;
      const patched = patch
        ? { patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") }
        : {};
      outgoing.setHeader("Content-Type", "application/json");
      outgoing.end(
        JSON.stringify({
          apiVersion: "admission.k8s.io/v1",
          kind: "AdmissionReview",
          response: { uid: request.uid, ...rest, ...patched },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: machineAddress(),
    caBundle: Buffer.from(pki.authorityCertificate).toString("base64"),
    asked,
    answer: (path, saying) => void answers.set(path, saying),
    url: (path) => `https://127.0.0.1:${port}${path}`,
    dispose: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Of this machine, and not the loopback one, which no endpoint may have; undefined where there is none. */
export function machineAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flat();
  return all.find((one) => one?.family === "IPv4" && !one.internal)?.address;
}
