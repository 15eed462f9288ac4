import { createHash } from "node:crypto";
import { type Clock, type Disposable, errorMessage, type Logger, type Timer } from "@berth/base";
import { formatMicroTime, kinds } from "../../api/index.ts";
import { setDefaults } from "../registry/object-checks.ts";
import { beginLife, type Draft } from "../registry/object-meta.ts";
import type { ObjectStore } from "../registry/object-store.ts";
import { ownName } from "./own-service.ts";
import { type Advertised, slicesFor } from "./own-slices.ts";

/** The store forgets a server that has not renewed for so long; it needs no clock that two machines agree on. */
const leaseSeconds = 15;
const renewMs = 4_000;
const attempts = 8;

const leaseKind = kinds.byKind("coordination.k8s.io", "v1", "Lease")!;
const sliceKind = kinds.byKind("discovery.k8s.io", "v1", "EndpointSlice")!;
const leaseLabels = { "apiserver.kubernetes.io/identity": "kube-apiserver" };
const sliceLabels = { "kubernetes.io/service-name": ownName };

export interface OwnEndpointsParts {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The address under which nodes and pods reach this server. */
  readonly advertise: Advertised;
  /** Others may serve the same store: each says by a Lease that it is alive. */
  readonly shared: boolean;
}

/** The endpoints of `default/kubernetes`: every API server that is alive, each of which puts them right. */
export class OwnEndpoints implements Disposable {
  readonly label = "endpoints of the API servers";
  readonly #parts: OwnEndpointsParts;
  readonly #name: string;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #isEnded = false;

  constructor(parts: OwnEndpointsParts) {
    this.#parts = parts;
    const identity = createHash("sha256").update(holderOf(parts.advertise)).digest("hex");
    this.#name = `apiserver-${identity.slice(0, 26)}`;
  }

  async start(): Promise<void> {
    if (this.#parts.shared) await this.#renew();
    await this.#publish();
    if (this.#parts.shared) this.#wait();
  }

  #wait(): void {
    if (this.#isEnded) return;
    const round = (): void => {
      this.#running = this.#round().finally(() => this.#wait());
    };
    this.#timer = this.#parts.clock.after(renewMs, round, { background: true });
  }

  async #round(): Promise<void> {
    try {
      await this.#renew();
      await this.#publish();
    } catch (error) {
      this.#parts.logger.warn(`${this.label} were not renewed: ${errorMessage(error)}`);
    }
  }

  async #renew(): Promise<void> {
    const { objects, clock, advertise } = this.#parts;
    const renewTime = formatMicroTime(clock.now());
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const present = await objects.read(leaseKind, "kube-system", this.#name);
      const lease = present?.copy<Draft>() ?? this.#newLease();
      lease.spec = { holderIdentity: holderOf(advertise), leaseDurationSeconds: leaseSeconds, renewTime };
      const written = present
        ? (await objects.update(leaseKind, lease, present, leaseSeconds)).written
        : await objects.create(leaseKind, lease, leaseSeconds);
      if (written) return;
    }
  }

  #newLease(): Draft {
    const { apiVersion, kind } = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };
    const metadata = { name: this.#name, namespace: "kube-system", labels: leaseLabels };
    beginLife(metadata, this.#parts.clock.now());
    return { apiVersion, kind, metadata };
  }

  async #alive(): Promise<Advertised[]> {
    const { objects, advertise, shared } = this.#parts;
    if (!shared) return [advertise];
    await objects.fresh(AbortSignal.timeout(leaseSeconds * 1_000));
    const found: Advertised[] = [];
    for (const cached of objects.kindCache(leaseKind).objects("kube-system")) {
      const { metadata, spec } = cached.object<Draft>();
      const isServer = Object.entries(leaseLabels).every(([key, value]) => metadata.labels?.[key] === value);
      const holder = isServer ? advertisedBy(spec?.["holderIdentity"]) : undefined;
      if (holder) found.push(holder);
    }
    return found;
  }

  async #publish(): Promise<void> {
    const { objects } = this.#parts;
    const wanted = slicesFor(await this.#alive());
    // The last server to leave leaves its address: without one, nobody could say where the next is to be found.
    if (wanted.size === 0) return;
    for (const [name, parts] of wanted) await this.#put(name, parts);
    for (const slice of objects.kindCache(sliceKind).objects("default")) {
      const isOwn = slice.name.startsWith(`${ownName}-`) && isLabelled(slice.object<Draft>());
      if (isOwn && !wanted.has(slice.name)) await objects.remove(sliceKind, slice);
    }
  }

  /** Another server that wrote meanwhile knows as much as this one; what it got wrong the next round puts right. */
  async #put(name: string, parts: object): Promise<void> {
    const { objects, clock } = this.#parts;
    const stored = await objects.read(sliceKind, "default", name);
    if (!stored) {
      const metadata = { name, namespace: "default", labels: sliceLabels };
      beginLife(metadata, clock.now());
      const slice: Draft = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata, ...parts };
      setDefaults(sliceKind, slice);
      await objects.create(sliceKind, slice);
      return;
    }
    const present = stored.copy<Draft>();
    const { addressType, endpoints, ports } = present as Draft & Record<string, unknown>;
    if (JSON.stringify({ addressType, endpoints, ports }) === JSON.stringify(parts)) return;
    await objects.update(sliceKind, { ...present, ...parts }, stored);
  }

  /** Who stops in order leaves at once. */
  async dispose(): Promise<void> {
    this.#isEnded = true;
    this.#timer?.cancel();
    await this.#running;
    if (!this.#parts.shared) return;
    try {
      const { objects } = this.#parts;
      const lease = await objects.read(leaseKind, "kube-system", this.#name);
      if (lease) await objects.remove(leaseKind, lease);
      await this.#publish();
    } catch (error) {
      this.#parts.logger.warn(`${this.label}: this server could not take its leave: ${errorMessage(error)}`);
    }
  }
}

function isLabelled({ metadata }: Draft): boolean {
  return metadata.labels?.["kubernetes.io/service-name"] === ownName;
}

function holderOf({ address, port }: Advertised): string {
  return `${address}_${port}`;
}

function advertisedBy(holder: unknown): Advertised | undefined {
  const [, address, port] = /^([\d.a-f:]+)_(\d+)$/i.exec(String(holder)) ?? [];
  return address === undefined ? undefined : { address, port: Number(port) };
}
