import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

/**
 * As much of an API server as `kubectl exec` and `kubectl port-forward` need for one pod: they see a running pod, and their
 * upgraded connections are carried byte for byte to the address that the runtime gave.
 */
export class KubectlFacade implements AsyncDisposable {
  readonly #server: Server;
  readonly #streams = new Set<Duplex>();
  readonly #open: (path: string, query: URLSearchParams) => Promise<string>;

  private constructor(open: (path: string, query: URLSearchParams) => Promise<string>) {
    this.#open = open;
    this.#server = createServer((request, response) => answer(request, response));
    this.#server.on("upgrade", (request, socket, head) => void this.#upgrade(request, socket, head));
  }

  /** `open` answers the runtime's URL for a subresource: exec, attach or portforward. */
  static async start(
    open: (subresource: string, query: URLSearchParams) => Promise<string>,
  ): Promise<KubectlFacade> {
    const facade = new KubectlFacade(open);
    await new Promise<void>((resolve) => facade.#server.listen(0, "127.0.0.1", resolve));
    return facade;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, "http://x");
    const target = /^unix:\/\/([^:]+):(\/.*)$/.exec(
      await this.#open(pathname.split("/").at(-1)!, searchParams),
    )!;
    const upstream = connect(target[1]!);
    for (const end of [upstream, socket]) this.#streams.add(end);
    for (const end of [upstream, socket])
      end.on("error", () => [upstream, socket].forEach((one) => one.destroy()));
    const headers = [];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      headers.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
    }
    upstream.write(`GET ${target[2]} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

const pod = {
  kind: "Pod",
  apiVersion: "v1",
  metadata: { name: "web", namespace: "default", uid: "u", resourceVersion: "1" },
  spec: { containers: [{ name: "main", image: "hello:1", tty: true, stdin: true }] },
  status: { phase: "Running" },
};

const documents: Record<string, unknown> = {
  "/api": { kind: "APIVersions", versions: ["v1"] },
  "/apis": { kind: "APIGroupList", apiVersion: "v1", groups: [] },
  "/api/v1": {
    kind: "APIResourceList",
    groupVersion: "v1",
    resources: [{ name: "pods", singularName: "pod", namespaced: true, kind: "Pod", verbs: ["get", "list"] }],
  },
  "/api/v1/namespaces/default/pods/web": pod,
};

function answer(request: IncomingMessage, response: ServerResponse): void {
  const found = documents[new URL(request.url!, "http://x").pathname];
  response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
  response.end(
    JSON.stringify(
      found ?? { kind: "Status", apiVersion: "v1", status: "Failure", code: 404, reason: "NotFound" },
    ),
  );
}
