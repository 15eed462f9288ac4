import { createHash } from "node:crypto";

import { type Disposable, Emitter, type Event, type Logger } from "@berth/base";

import { deepEqual, type PersistentVolume, type PersistentVolumeClaim } from "../api/index.ts";
import { selectedNodeAnnotation } from "../api/scheduling/volume-match.ts";
import type { ApiClient } from "../client/contracts.ts";
import type { Elections, Part } from "../client/elections.ts";
import { onEveryChange } from "../client/reconcile.ts";
import type { CsiDriver, CsiDrivers } from "../pluginhost/contracts/index.ts";
import type { VolumeInformers } from "./volume-informers.ts";

export interface DutiesParts {
  readonly api: ApiClient;
  readonly logger: Logger;
  readonly drivers: CsiDrivers;
  readonly elections: Elections;
  readonly informers: VolumeInformers;
}

type Topology = Readonly<Record<string, string>>;

/**
 * Of the nodes that host a driver, exactly one works on a volume. Nodes that reach the same storage, those with the same
 * topology, elect one of them by a Lease; what is at a place belongs to the leader there, what is at none, or may be
 * anywhere, to the one leader of the whole driver.
 */
export class DriverDuties implements Disposable {
  readonly label = "duties of CSI drivers";
  readonly #parts: DutiesParts;
  readonly #terms = new Map<string, Term>();
  readonly #changed = new Emitter<void>();
  readonly #subscription;
  #leaving: Promise<unknown> = Promise.resolve();

  constructor(parts: DutiesParts) {
    this.#parts = parts;
    this.#subscription = parts.drivers.onDidChange(() => {
      this.#stand();
      this.#changed.fire();
    });
    // Where a node is, it may say later than that it has the driver.
    onEveryChange(parts.informers.nodes, ({ metadata }, _, old) => {
      if (!deepEqual(metadata.labels, old?.metadata.labels)) this.#changed.fire();
    });
  }

  /** A driver came, went or changed, a duty of this node's did, or the place of a node. */
  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  start(): void {
    this.#stand();
  }

  async dispose(): Promise<void> {
    await this.#subscription.dispose();
    for (const name of this.#terms.keys()) this.#withdraw(name);
    await this.#leaving;
  }

  /** Whether this node is the one to make the volume of a claim. */
  makes(driver: CsiDriver, { metadata }: PersistentVolumeClaim): boolean {
    const selected = metadata.annotations?.[selectedNodeAnnotation];
    const labels =
      selected === undefined ? undefined : this.#parts.informers.nodes.get(selected)?.metadata.labels;
    if (!labels || !hasPlace(driver)) return this.#leads(wholeOf(driver));
    return isWithin(driver.topology, (key) => [labels[key] ?? ""]) && this.#leads(placeOf(driver));
  }

  /** Whether this node is the one to grow, attach and delete a volume. */
  keeps(driver: CsiDriver, { spec }: PersistentVolume): boolean {
    const [term] = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
    const places = new Map(
      (term?.matchExpressions ?? []).flatMap(({ key, operator, values = [] }) =>
        operator === "In" && driver.topology[key] !== undefined ? [[key, values] as const] : [],
      ),
    );
    if (places.size === 0) return this.#leads(wholeOf(driver));
    const isHere = isWithin(driver.topology, (key) => places.get(key));
    return isHere && this.#leads(placeOf(driver));
  }

  #leads(name: string): boolean {
    return this.#terms.get(name)?.isLeader ?? false;
  }

  /** For what the drivers of this node can be asked to do, and for nothing else. */
  #stand(): void {
    const wanted = new Set(
      this.#parts.drivers
        .list()
        .filter(({ controller, ready }) => controller && ready)
        .flatMap((driver) => [wholeOf(driver), placeOf(driver)]),
    );
    for (const name of this.#terms.keys()) if (!wanted.has(name)) this.#withdraw(name);
    for (const name of wanted) if (!this.#terms.has(name)) this.#elect(name);
  }

  #elect(name: string): void {
    const { api, elections } = this.#parts;
    const turn = (isLeader: boolean): Promise<void> => {
      term.isLeader = isLeader;
      this.#changed.fire();
      return Promise.resolve();
    };
    const make = (): Part => ({ label: name, start: () => turn(true), dispose: () => turn(false) });
    const term: Term = { isLeader: false, part: elections.elect(name, api, make) };
    this.#terms.set(name, term);
    // Whoever stood for the same before has to have left, or he would give away what this one has won.
    void this.#leaving.then(() => (this.#terms.get(name) === term ? term.part.start() : undefined));
  }

  #withdraw(name: string): void {
    const term = this.#terms.get(name);
    this.#terms.delete(name);
    if (!term) return;
    term.isLeader = false;
    this.#leaving = Promise.all([this.#leaving, term.part.dispose()]);
  }
}

interface Term {
  isLeader: boolean;
  readonly part: Part;
}

function hasPlace({ topology }: CsiDriver): boolean {
  return Object.keys(topology).length > 0;
}

/** Name of the Lease of a driver's one leader. */
function wholeOf({ name }: CsiDriver): string {
  return `csi-${name.toLowerCase()}`;
}

/** Of the leader among the nodes with the same topology; the same where the driver has none. */
function placeOf(driver: CsiDriver): string {
  if (!hasPlace(driver)) return wholeOf(driver);
  const segments = Object.entries(driver.topology).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash("sha256").update(JSON.stringify(segments)).digest("hex");
  return `${wholeOf(driver)}-${digest.slice(0, 12)}`;
}

/** Whether a topology has one of the values of each of its keys; a key without any does not count. */
function isWithin(topology: Topology, valuesOf: (key: string) => readonly string[] | undefined): boolean {
  return Object.entries(topology).every(([key, value]) => valuesOf(key)?.includes(value) ?? true);
}
