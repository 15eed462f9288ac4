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
      for (const [index, port] of ports.entries()) {
        port.nodePort ??= before.find((one) => sameSlot(one, port))?.nodePort;
        const had = before.some((one) => one.nodePort === port.nodePort);
        const isTwice = ports.slice(0, index).some((one) => isSameNodePort(one, port));
        if (isTwice) throw refusal(service, index, `${invalidPort(port.nodePort!)}${alreadyAllocated}`);
        if (port.nodePort !== undefined && !had) await this.#takeAsked(service, index, port.nodePort, dryRun);
        else if (port.nodePort === undefined) port.nodePort = await this.#takeAny(service, dryRun);
      }
    }
    if (spec["type"] === "LoadBalancer" && spec["externalTrafficPolicy"] === "Local")
      spec["healthCheckNodePort"] ||=
        old?.spec?.["healthCheckNodePort"] ?? (await this.#takeAny(service, dryRun));
    if (!old || dryRun) return;
    const kept = new Set(heldBy(service));
    for (const port of heldBy(old)) if (!kept.has(port)) await this.#free(port, service);
  }

  async #takeAsked(service: Draft, index: number, port: number, dryRun: boolean): Promise<void> {
    const refuse = (why: string): Error => refusal(service, index, `${invalidPort(port)}${why}`);
    if (port < this.#first || port > this.#last)
      throw refuse(
        `provided port is not in the valid range. The range of valid ports is ${this.#first}-${this.#last}`,
      );
    const holder = this.#holder(port);
    if (holder === ownerOf(service)) return;
    if (holder !== undefined || (!dryRun && !(await this.#hold(port, service))))
      throw refuse(alreadyAllocated);
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
    const used = new Set(stored ? heldBy(stored) : []);
    for (const port of heldBy(service)) if (!used.has(port)) await this.#free(port, service);
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
      for (const port of heldBy(service)) used.set(port, ownerOf(service));
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

/** Every port of the nodes that a service holds, the one for the balancer's questions included. */
function heldBy(service: Draft): number[] {
  const asked = service.spec?.["healthCheckNodePort"] as number | undefined;
  return [...portsOf(service).map(({ nodePort }) => nodePort), asked].filter((port) => port !== undefined);
}

const alreadyAllocated = "provided port is already allocated";
const invalidPort = (port: number): string => `Invalid value: ${port}: `;

function refusal({ metadata }: Draft, index: number, message: string): Error {
  const field = `spec.ports[${index}].nodePort`;
  return invalid(serviceKind, metadata.name ?? "", [{ reason: "FieldValueInvalid", field, message }]);
}

function isSameNodePort(a: Port, b: Port): boolean {
  return b.nodePort !== undefined && a.nodePort === b.nodePort && a.protocol === b.protocol;
}

function ownerOf({ metadata }: Draft): string {
  return `${metadata.namespace ?? ""}/${metadata.name ?? ""}`;
}

function sameSlot(a: Port, b: Port): boolean {
  return a.port === b.port && (a.protocol ?? "TCP") === (b.protocol ?? "TCP");
}
