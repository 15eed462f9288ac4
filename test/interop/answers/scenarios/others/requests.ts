import type { Exchange } from "../../exchange.ts";

type Members = Record<string, unknown>;

/** Where a resource lies and what its objects are. */
export class Resource {
  readonly path: string;
  private readonly head: Members;

  constructor(groupVersion: string, kind: string, resource: string, isNamespaced = true) {
    const root = groupVersion === "v1" ? "/api/v1" : `/apis/${groupVersion}`;
    this.path = isNamespaced ? `${root}/namespaces/{ns}/${resource}` : `${root}/${resource}`;
    this.head = { apiVersion: groupVersion, kind };
  }

  /** `more.metadata` goes beside the name. */
  object(name: string, { metadata, ...more }: Members = {}): Members {
    return { ...this.head, metadata: { name, ...(metadata as Members | undefined) }, ...more };
  }

  create(name: string, more?: Members): Exchange {
    return { path: this.path, body: this.object(name, more) };
  }

  put(name: string, more?: Members, subresource = ""): Exchange {
    return { method: "PUT", path: this.at(name, subresource), body: this.object(name, more) };
  }

  merge(name: string, body: unknown, subresource = ""): Exchange {
    const type = "application/merge-patch+json";
    return { method: "PATCH", path: this.at(name, subresource), body, type };
  }

  get(name: string, subresource = ""): Exchange {
    return { path: this.at(name, subresource) };
  }

  delete(name: string, body?: unknown): Exchange {
    return { method: "DELETE", path: this.at(name, ""), body };
  }

  /** One creation for each, called `prefix-0`, `prefix-1` and so on. */
  each(prefix: string, all: readonly Members[]): Exchange[] {
    return all.map((more, index) => this.create(`${prefix}-${index}`, more));
  }

  private at(name: string, subresource: string): string {
    return [this.path, name, subresource].filter(Boolean).join("/");
  }
}
