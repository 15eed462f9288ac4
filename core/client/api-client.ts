import type {
  ApiClient,
  ApiObject,
  ApiRequest,
  ApiResponse,
  DeleteOptions,
  List,
  ListOptions,
  PatchType,
  ResourceClient,
  ResourceName,
  Scope,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "./contracts.ts";
import { resourcePath } from "./resource-path.ts";
import type { Transport } from "./transport.ts";

const patchTypes: Readonly<Record<PatchType, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

/** A client over any transport. */
export function createApiClient(transport: Transport): ApiClient {
  return {
    user: transport.user,
    resource: <T extends ApiObject>(name: ResourceName) => new TransportResource<T>(transport, name),
    request: (request: ApiRequest): Promise<ApiResponse> => transport.call(request),
  };
}

interface ListBody<T> {
  apiVersion?: string;
  kind?: string;
  metadata?: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  items?: T[];
}

/** Servers name the kind of built-in objects once for a whole list. */
function named<T extends ApiObject>(item: T, { apiVersion, kind }: ListBody<T>): T {
  if (item.kind !== undefined || apiVersion === undefined || kind === undefined) return item;
  return { apiVersion, kind: kind.replace(/List$/, ""), ...item };
}

class TransportResource<T extends ApiObject> implements ResourceClient<T> {
  readonly #transport: Transport;
  readonly #name: ResourceName;

  constructor(transport: Transport, name: ResourceName) {
    this.#transport = transport;
    this.#name = name;
  }

  async get(name: string, scope: Scope = {}): Promise<T> {
    return await this.#call("GET", { ...at(scope), name }, {}, undefined, scope);
  }

  async list(options: ListOptions = {}): Promise<List<T>> {
    const { limit, resourceVersion, continue: continueToken } = options;
    const query = {
      ...selectors(options),
      resourceVersion,
      continue: continueToken,
      limit: limit === undefined ? undefined : String(limit),
    };
    const body = await this.#call<ListBody<T>>("GET", at(options), query, undefined, options);
    const { metadata = {}, items = [] } = body;
    return {
      items: items.map((item) => named(item, body)),
      resourceVersion: metadata.resourceVersion ?? "",
      ...(metadata.continue ? { continue: metadata.continue } : {}),
      ...(metadata.remainingItemCount === undefined
        ? {}
        : { remainingItemCount: metadata.remainingItemCount }),
    };
  }

  watch(options: WatchOptions = {}): AsyncIterable<WatchEvent<T>> {
    const query = {
      ...selectors(options),
      watch: "true",
      resourceVersion: options.resourceVersion,
      allowWatchBookmarks: options.allowWatchBookmarks ? "true" : undefined,
    };
    const path = resourcePath(this.#name, at(options));
    const request = { method: "GET", path, query, ...withSignal(options) };
    return this.#transport.watch(request) as AsyncIterable<WatchEvent<T>>;
  }

  async create(object: T, options: WriteOptions & { name?: string } = {}): Promise<T> {
    const namespace = options.namespace ?? object.metadata?.namespace;
    const { name, subresource } = options;
    const place = {
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(subresource === undefined ? {} : { subresource }),
    };
    return await this.#call("POST", place, writeQuery(options), { value: object }, options);
  }

  async update(object: T, options: WriteOptions = {}): Promise<T> {
    const { name, namespace } = object.metadata ?? {};
    const place = this.#place(name ?? "", { ...(namespace === undefined ? {} : { namespace }), ...options });
    return await this.#call("PUT", place, writeQuery(options), { value: object }, options);
  }

  async patch(name: string, type: PatchType, patch: unknown, options: WriteOptions = {}): Promise<T> {
    const body = { value: patch, contentType: patchTypes[type] };
    const query = { ...writeQuery(options), force: type === "apply" ? "true" : undefined };
    return await this.#call("PATCH", this.#place(name, options), query, body, options);
  }

  async delete(name: string, options: DeleteOptions = {}): Promise<void> {
    await this.#call("DELETE", { ...at(options), name }, {}, { value: deleteBody(options) }, options);
  }

  async deleteCollection(options: ListOptions & DeleteOptions = {}): Promise<void> {
    const body = { value: deleteBody(options) };
    await this.#call("DELETE", at(options), selectors(options), body, options);
  }

  #place(name: string, options: WriteOptions): Place {
    const { subresource } = options;
    return { ...at(options), name, ...(subresource === undefined ? {} : { subresource }) };
  }

  async #call<A = T>(
    method: string,
    place: Place,
    query: Record<string, string | undefined>,
    body: { value: unknown; contentType?: string } | undefined,
    scope: Scope,
  ): Promise<A> {
    const answer = await this.#transport.call({
      method,
      path: resourcePath(this.#name, place),
      query,
      ...(body ? { body: body.value } : {}),
      ...(body?.contentType === undefined ? {} : { contentType: body.contentType }),
      ...withSignal(scope),
    });
    return answer.body as A;
  }
}

interface Place {
  namespace?: string;
  name?: string;
  subresource?: string;
}

function at({ namespace }: Scope): Place {
  return namespace === undefined ? {} : { namespace };
}

function withSignal({ signal }: Scope): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

function selectors({ labelSelector, fieldSelector }: ListOptions): Record<string, string | undefined> {
  return { labelSelector, fieldSelector };
}

function writeQuery({ dryRun, fieldManager }: WriteOptions): Record<string, string | undefined> {
  return { dryRun: dryRun ? "All" : undefined, fieldManager };
}

function deleteBody({ gracePeriodSeconds, propagationPolicy, preconditions }: DeleteOptions): object {
  return {
    kind: "DeleteOptions",
    apiVersion: "v1",
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(preconditions === undefined ? {} : { preconditions }),
  };
}
