import type { WatchCache } from "../cache/watch-cache.ts";

/** Where a service's webhook listens. */
export interface ResolvedService {
  readonly host: string;
  readonly port: number;
  /** The name its certificate is for. */
  readonly serverName: string;
}

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly path?: string;
  readonly port?: number;
}

interface ServiceObject {
  spec?: {
    type?: string;
    externalName?: string;
    clusterIP?: string;
    ports?: { name?: string; port: number }[];
  };
}

interface SliceObject {
  metadata: { labels?: Record<string, string> };
  endpoints?: { addresses: string[]; conditions?: { ready?: boolean } }[];
  ports?: { name?: string; port?: number }[];
}

/** Finds the address of a ready endpoint: the server needs no service proxy on its own machine to reach a webhook. */
export class ServiceResolver {
  readonly #cache: WatchCache;
  #turn = 0;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  /** @throws Error in the words that a failed webhook call shows */
  resolve({ namespace, name, port = 443 }: ServiceReference): ResolvedService {
    const serverName = `${name}.${namespace}.svc`;
    const found = this.#cache.kind("/core/services/").get(`/core/services/${namespace}/${name}`);
    if (!found) throw new Error(`service ${JSON.stringify(name)} not found`);
    const { spec = {} } = found.object<ServiceObject>();
    const { type, externalName } = spec;
    if (type === "ExternalName" && externalName) return { host: externalName, port, serverName };
    return { ...this.locate(namespace, name, String(port)), serverName };
  }

  /**
   * A ready endpoint of the service's port with this number or name; "" is the one without a name.
   * @throws Error in the words that its caller shows
   */
  locate(namespace: string, name: string, port: string): { host: string; port: number } {
    const targets = this.#targets(namespace, name, this.#portName(namespace, name, port));
    if (targets.length === 0) throw new Error(`no endpoints available for service ${JSON.stringify(name)}`);
    return targets[this.#turn++ % targets.length]!;
  }

  #portName(namespace: string, name: string, port: string): string {
    if (!/^\d+$/.test(port)) return port;
    const { spec } = this.#cache
      .kind("/core/services/")
      .get(`/core/services/${namespace}/${name}`)!
      .object<ServiceObject>();
    const found = spec?.ports?.find((one) => one.port === Number(port));
    if (!found) throw new Error(`no service port ${port} found for service ${JSON.stringify(name)}`);
    return found.name ?? "";
  }

  #targets(namespace: string, name: string, portName: string): { host: string; port: number }[] {
    const targets: { host: string; port: number }[] = [];
    for (const cached of this.#cache.kind("/discovery.k8s.io/endpointslices/").objects(namespace)) {
      const { metadata, endpoints, ports } = cached.object<SliceObject>();
      if (metadata.labels?.["kubernetes.io/service-name"] !== name) continue;
      const port = ports?.find((one) => (one.name ?? "") === portName)?.port;
      if (port === undefined) continue;
      for (const endpoint of endpoints ?? [])
        if (endpoint.conditions?.ready !== false)
          targets.push(...endpoint.addresses.map((host) => ({ host, port })));
    }
    return targets;
  }
}
