import type { Exchange } from "../../exchange.ts";

export const string = { type: "string" };
export const integer = { type: "integer" };
/** Until what a definition says is served; no config map is there. */
export const pause: Exchange = {
  path: "/api/v1/namespaces/{ns}/configmaps?watch=1&timeoutSeconds=1&resourceVersion=0",
};
export const patches = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
};

/** Things of a group, which is called after what its schema shows. */
export class Things {
  readonly group: string;
  constructor(name: string) {
    this.group = `${name}.example.com`;
  }
  path(more = "", version = "v1"): string {
    return `/apis/${this.group}/${version}/namespaces/{ns}/things${more}`;
  }
  thing(name: string, spec?: unknown, more: object = {}): object {
    const { metadata, ...rest } = { metadata: {}, ...more };
    return {
      apiVersion: `${this.group}/v1`,
      kind: "Thing",
      metadata: { name, ...metadata },
      ...(spec !== undefined && { spec }),
      ...rest,
    };
  }
  create(name: string, spec?: unknown, more?: object): Exchange {
    return { path: this.path(), body: this.thing(name, spec, more) };
  }
  /** One after another, called `a0`, `a1` and so on. */
  creates(...specs: unknown[]): Exchange[] {
    return specs.map((spec, index) => this.create(`a${index}`, spec));
  }
  replace(name: string, spec: unknown, more?: object): Exchange {
    return { method: "PUT", path: this.path(`/${name}`), body: this.thing(name, spec, more) };
  }
  patch(type: keyof typeof patches, more: string, body: unknown): Exchange {
    return { method: "PATCH", path: this.path(more), type: patches[type], body };
  }
  get(more = "", headers = {}): Exchange {
    return { path: this.path(more), headers };
  }
}

export const types = new Things("types");
export const bounds = new Things("bounds");
export const choices = new Things("choices");
export const lists = new Things("lists");
export const defaults = new Things("defaults");
export const pruning = new Things("pruning");
export const embedded = new Things("embedded");
export const rules = new Things("rules");
export const ratchet = new Things("ratchet");
export const subresources = new Things("subresources");
export const applied = new Things("applied");
export const versions = new Things("versions");
export const open = new Things("open");
export const formats = new Things("formats");

export const keyed = {
  type: "array",
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name", "port"],
  items: {
    type: "object",
    required: ["name"],
    properties: { name: string, port: { type: "integer", default: 80 }, value: string },
  },
};
export const column = (name: string, type: string, jsonPath: string, more = {}): object => ({
  name,
  type,
  jsonPath,
  ...more,
});

export const strict = (exchange: Exchange, how = "Strict"): Exchange => ({
  ...exchange,
  path: `${exchange.path}?fieldValidation=${how}`,
});
export const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
