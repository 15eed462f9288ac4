import { randomInt } from "node:crypto";
import { formatTime, kinds } from "../../api/index.ts";
import type { Clock } from "@berth/base";
import { newUid, type Draft } from "../registry/object-meta.ts";
import type { ObjectStore } from "../registry/object-store.ts";
import { internalError, invalid } from "../request/status-error.ts";
import { settleFamilies } from "./ip-families.ts";
import type { ServiceRange } from "./service-range.ts";

const addressKind = kinds.byKind("networking.k8s.io", "v1", "IPAddress")!;
const serviceKind = { group: "", resource: "services", kind: "Service" };
const managedBy = { "ipaddress.kubernetes.io/managed-by": "ipallocator.berth.dev" };
/** Random draws before the range is gone through in order. */
const draws = 8;

/**
 * Cluster addresses, each held by an IPAddress object that the store lets be made only once: durable, and right for
 * any number of servers.
 */
export class ServiceAddresses {
  readonly #objects: ObjectStore;
  readonly #range: ServiceRange;
  readonly #clock: Clock;

  constructor(objects: ObjectStore, range: ServiceRange, clock: Clock) {
    this.#objects = objects;
    this.#range = range;
    this.#clock = clock;
  }

  /** Fills in spec.clusterIP, or takes the one that was asked for. @throws StatusError 422 when it is taken or outside */
  async take(service: Draft, dryRun: boolean): Promise<void> {
    const spec = (service.spec ??= {});
    settleFamilies(service);
    if (spec["type"] === "ExternalName" || spec["clusterIP"] === "None") return;
    const asked = spec["clusterIP"];
    if (typeof asked === "string" && asked !== "") await this.#takeAsked(service, asked, dryRun);
    else spec["clusterIP"] = await this.#takeAny(service, dryRun);
    spec["clusterIPs"] = [spec["clusterIP"]];
  }

  async #takeAsked(service: Draft, address: string, dryRun: boolean): Promise<void> {
    const refuse = (why: string): Error =>
      invalid(serviceKind, service.metadata.name ?? "", [
        {
          reason: "FieldValueInvalid",
          field: "spec.clusterIPs",
          message: `Invalid value: ${JSON.stringify([address])}: failed to allocate IP ${address}: ${why}`,
        },
      ]);
    if (!this.#range.contains(address)) throw refuse("the provided network does not match the current range");
    const holder = this.#objects.cached(addressKind, "", address);
    if (holder) {
      if (isHeldBy(holder.object<Draft>(), service)) return;
      throw refuse("provided IP is already allocated");
    }
    if (!dryRun && !(await this.#hold(address, service))) throw refuse("provided IP is already allocated");
  }

  async #takeAny(service: Draft, dryRun: boolean): Promise<string> {
    const { count } = this.#range;
    const start = randomInt(count);
    for (let attempt = 0; attempt < count + draws; attempt++) {
      const index = attempt < draws ? randomInt(count) : (start + attempt) % count;
      // The first address is the API's own.
      if (index === 0) continue;
      const address = this.#range.address(index + 1);
      if (this.#objects.cached(addressKind, "", address)) continue;
      if (dryRun || (await this.#hold(address, service))) return address;
    }
    throw internalError(`failed to allocate a serviceIP: range ${this.#range.cidr} is full`);
  }

  async #hold(address: string, service: Draft): Promise<boolean> {
    const { name, namespace } = service.metadata;
    const stored = await this.#objects.create(addressKind, {
      apiVersion: "networking.k8s.io/v1",
      kind: "IPAddress",
      metadata: {
        name: address,
        uid: newUid(),
        creationTimestamp: formatTime(this.#clock.now()),
        labels: { ...managedBy, "ipaddress.kubernetes.io/ip-family": "IPv4" },
      },
      spec: { parentRef: { resource: "services", name, namespace } },
    });
    return stored !== undefined;
  }

  async giveBack(service: Draft): Promise<void> {
    const address = service.spec?.["clusterIP"];
    if (typeof address !== "string" || !this.#range.contains(address)) return;
    const holder = this.#objects.cached(addressKind, "", address);
    // After a create that failed because the Service exists, the address may be that Service's own.
    if (!holder || !isHeldBy(holder.object<Draft>(), service) || this.#serviceUses(service, address)) return;
    await this.#objects.remove(addressKind, holder);
  }

  #serviceUses({ metadata }: Draft, address: string): boolean {
    const kind = kinds.byKind("", "v1", "Service")!;
    const stored = this.#objects.cached(kind, metadata.namespace ?? "", metadata.name ?? "");
    return stored?.object<Draft>().spec?.["clusterIP"] === address;
  }

  /**
   * Frees addresses whose Service was never stored or has left while this server was not looking.
   * @param settlingMs one that was taken so lately may be another server's, whose Service is on its way
   */
  async repair(settlingMs: number): Promise<number> {
    const kind = kinds.byKind("", "v1", "Service")!;
    let freed = 0;
    for (const held of [...this.#objects.kindCache(addressKind).objects()]) {
      const { metadata, spec } = held.object<Draft>();
      const parent = spec?.["parentRef"] as { name: string; namespace: string; resource: string } | undefined;
      const ours = Object.entries(managedBy).every(([label, value]) => metadata.labels?.[label] === value);
      if (!ours || parent?.resource !== "services") continue;
      const service = this.#objects.cached(kind, parent.namespace, parent.name)?.object<Draft>();
      if (service?.spec?.["clusterIP"] === held.name) continue;
      if (this.#clock.now() - Date.parse(metadata.creationTimestamp ?? "") < settlingMs) continue;
      await this.#objects.remove(addressKind, held);
      freed++;
    }
    return freed;
  }
}

function isHeldBy(holder: Draft, service: Draft): boolean {
  const parent = holder.spec?.["parentRef"] as { name?: string; namespace?: string } | undefined;
  return parent?.name === service.metadata.name && parent?.namespace === service.metadata.namespace;
}
