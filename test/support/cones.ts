import type { IncomingMessage, ServerResponse } from "node:http";

interface Cone {
  readonly apiVersion: string;
  readonly kind: "Cone";
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly ownerReferences?: readonly object[];
  };
}

const apiVersion = "ice.example.com/v1";
const collection = /^\/apis\/ice\.example\.com\/v1(?:\/namespaces\/([^/]+))?\/cones(?:\/([^/]+))?$/;

/** The cones of the aggregated server: read, listed, watched and deleted, by namespace or all at once. */
export class Cones {
  readonly #cones = new Map<string, Cone>();
  readonly #watchers = new Set<ServerResponse>();
  #revision = 1;

  /** Of `namespace/name`. */
  [Symbol.iterator](): Iterator<string> {
    return this.#cones.keys();
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  add(key: string, ownerReferences?: readonly object[]): this {
    const [namespace = "", name = ""] = key.split("/");
    const metadata = { name, namespace, uid: key, resourceVersion: String(++this.#revision) };
    const cone: Cone = {
      apiVersion,
      kind: "Cone",
      metadata: { ...metadata, ...(ownerReferences ? { ownerReferences } : {}) },
    };
    this.#cones.set(key, cone);
    this.tell("ADDED", cone);
    return this;
  }

  delete(key: string): void {
    const cone = this.#cones.get(key);
    this.#cones.delete(key);
    if (cone) this.tell("DELETED", cone);
  }

  /** @returns whether the request was about cones; it is answered then */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const { pathname, searchParams } = new URL(request.url ?? "", "https://ice");
    const [found, namespace, name] = collection.exec(pathname) ?? [];
    if (found === undefined) return false;
    response.setHeader("Content-Type", "application/json");
    const say = (status: number, value: object): void =>
      void response.writeHead(status).end(JSON.stringify(value));
    if (searchParams.get("watch") === "true") this.#follow(response);
    else if (name === undefined) say(200, this.#list(namespace));
    else {
      const key = `${namespace}/${name}`;
      const cone = this.#cones.get(key);
      if (!cone) say(404, status("Failure", 404, "NotFound"));
      else if (request.method === "DELETE") {
        this.delete(key);
        say(200, status("Success", 200));
      } else say(200, cone);
    }
    return true;
  }

  #list(namespace: string | undefined): object {
    const items = [...this.#cones.values()].filter(
      ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
    );
    return { apiVersion, kind: "ConeList", metadata: { resourceVersion: String(this.#revision) }, items };
  }

  #follow(response: ServerResponse): void {
    response.flushHeaders();
    this.#watchers.add(response);
    response.once("close", () => this.#watchers.delete(response));
  }

  /** To who watches. */
  tell(type: string, object: object): void {
    for (const watcher of this.#watchers) watcher.write(`${JSON.stringify({ type, object })}\n`);
  }
}

const status = (outcome: string, code: number, reason?: string): object => ({
  kind: "Status",
  apiVersion: "v1",
  status: outcome,
  code,
  ...(reason === undefined ? {} : { reason }),
});
