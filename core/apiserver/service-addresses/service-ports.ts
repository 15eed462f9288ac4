import type { Clock } from "@berth/base";
import { kinds } from "../../api/index.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { ObjectStore } from "../registry/object-store.ts";
import { internalError, invalid } from "../request/status-error.ts";

interface Port {
  name?: string;
  protocol?: string;
  port: number;
  nodePort?: number;
}

const serviceKind = { group: "", resource: "services", kind: "Service" };
const prefix = "/allocations.berth.dev/nodeports/";

/** Node ports, each held by a key of its own in the store, so that two servers cannot hand out the same one. */
export class ServicePorts {
  readonly #objects: ObjectStore;
  readonly #first: number;
  readonly #last: number;
  readonly #clock: Clock;

  constructor(objects: ObjectStore, range: { first: number; last: number }, clock: Clock) {
    this.#objects = objects;
    this.#first = range.first;
    this.#last = range.last;
    this.#clock = clock;
  }

  /** Gives every port of a NodePort or LoadBalancer Service its node port; takes those of `old` over. */
  async take(service: Draft, old: Draft | undefined, dryRun: boolean): Promise<void> {
    const spec = (service.spec ??= {});
    const ports = portsOf(service);
    const wants =
      spec["type"] === "NodePort" ||
      (spec["type"] === "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] !== false);
    const before = old ? portsOf(old) : [];
    if (wants) {
      for (const port of ports) {
        port.nodePort ??= before.find((one) => sameSlot(one, port))?.nodePort;
        const had = before.some((one) => one.nodePort === port.nodePort);
        if (port.nodePort !== undefined && !had) await this.#takeAsked(service, port.nodePort, dryRun);
        else if (port.nodePort === undefined) port.nodePort = await this.#takeAny(service, dryRun);
      }
    } else if (old) for (const port of ports) delete port.nodePort;
    if (old && !dryRun) {
      const kept = new Set(ports.map((port) => port.nodePort));
      for (const { nodePort } of before)
        if (nodePort !== undefined && !kept.has(nodePort)) await this.#free(nodePort, service);
    }
  }

  async #takeAsked(service: Draft, port: number, dryRun: boolean): Promise<void> {
    const refuse = (message: string): Error =>
      invalid(serviceKind, service.metadata.name ?? "", [
        { reason: "FieldValueInvalid", field: "spec.ports[0].nodePort", message },
      ]);
    if (port < this.#first || port > this.#last)
      throw refuse(
        `Invalid value: ${port}: provided port is not in the valid range. The range of valid ports is ${this.#first}-${this.#last}`,
      );
    const holder = this.#holder(port);
    if (holder === ownerOf(service)) return;
    if (holder !== undefined || (!dryRun && !(await this.#hold(port, service))))
      throw refuse(`Invalid value: ${port}: provided port is already allocated`);
  }

  async #takeAny(service: Draft, dryRun: boolean): Promise<number> {
    const count = this.#last - this.#first + 1;
    const start = Math.floor(Math.random() * count);
    for (let step = 0; step < count; step++) {
      const port = this.#first + ((start + step) % count);
      if (this.#holder(port) !== undefined) continue;
      if (dryRun || (await this.#hold(port, service))) return port;
    }
    throw internalError(`failed to allocate a nodePort: range ${this.#first}-${this.#last} is full`);
  }

  async giveBack(service: Draft): Promise<void> {
    const kind = kinds.byKind("", "v1", "Service")!;
    const { namespace = "", name = "" } = service.metadata;
    const stored = this.#objects.cached(kind, namespace, name)?.object<Draft>();
    const used = new Set(stored ? portsOf(stored).map((port) => port.nodePort) : []);
    for (const { nodePort } of portsOf(service))
      if (nodePort !== undefined && !used.has(nodePort)) await this.#free(nodePort, service);
  }

  #holder(port: number): string | undefined {
    const held = this.#objects.cache.kind(prefix).get(`${prefix}${port}`);
    return held?.object<{ owner: string }>().owner;
  }

  async #hold(port: number, service: Draft): Promise<boolean> {
    const value = { metadata: { name: String(port) }, owner: ownerOf(service), takenAt: this.#clock.now() };
    const result = await this.#objects.store.create(`${prefix}${port}`, Buffer.from(JSON.stringify(value)));
    return result.written;
  }

  async #free(port: number, service: Draft): Promise<void> {
    const held = this.#objects.cache.kind(prefix).get(`${prefix}${port}`);
    if (held?.object<{ owner: string }>().owner !== ownerOf(service)) return;
    await this.#objects.store.delete(held.key, { expectedRevision: held.revision });
  }

  /** Like that of addresses. */
  async repair(settlingMs: number): Promise<number> {
    const kind = kinds.byKind("", "v1", "Service")!;
    const used = new Map<number, string>();
    for (const cached of this.#objects.kindCache(kind).objects()) {
      const service = cached.object<Draft>();
      for (const { nodePort } of portsOf(service))
        if (nodePort !== undefined) used.set(nodePort, ownerOf(service));
    }
    let freed = 0;
    for (const held of [...this.#objects.cache.kind(prefix).objects()]) {
      const { owner, takenAt = 0 } = held.object<{ owner: string; takenAt?: number }>();
      if (used.get(Number(held.name)) === owner || this.#clock.now() - takenAt < settlingMs) continue;
      await this.#objects.store.delete(held.key, { expectedRevision: held.revision });
      freed++;
    }
    return freed;
  }
}

function portsOf({ spec }: Draft): Port[] {
  return (spec?.["ports"] as Port[] | undefined) ?? [];
}

function ownerOf({ metadata }: Draft): string {
  return `${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
}

function sameSlot(a: Port, b: Port): boolean {
  return a.port === b.port && (a.protocol ?? "TCP") === (b.protocol ?? "TCP");
}
