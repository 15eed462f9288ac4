import { type Clock, type Disposable, errorMessage, type Logger, pause, type Timer } from "@berth/base";
import { type Lease } from "../api/index.ts";
import { type ApiClient, ApiError } from "./contracts.ts";
import { clientOf, resources } from "./resources.ts";

export interface LeaderElectionOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly namespace: string;
  /** Of the Lease; one for each thing that only one may do. */
  readonly name: string;
  /** Tells the candidates apart; host name and process, say. */
  readonly identity: string;
  /** A leader that has not renewed for so long is gone. */
  readonly leaseMs?: number;
  /** How often it renews; well below `leaseMs`. */
  readonly renewMs?: number;
  /** Runs while this candidate leads; the signal aborts when it no longer may. */
  lead(signal: AbortSignal): Promise<void>;
}

/** Stands for election until disposed. Leading ends before anybody else may believe that he leads. */
export class LeaderElection implements Disposable {
  readonly label: string;
  readonly #options: Required<LeaderElectionOptions>;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  /** What was last seen in the lease and when, on our own clock: clocks of others are not believed. */
  #seen: { holder: string; renewed: string; at: number } | undefined;

  constructor(options: LeaderElectionOptions) {
    this.label = `election for ${options.namespace}/${options.name}`;
    this.#options = { leaseMs: 15_000, renewMs: 4_000, ...options };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    const { clock, renewMs } = this.#options;
    while (!this.#stop.signal.aborted) {
      const asked = clock.monotonic();
      if (await this.#acquire()) await this.#leadUntilLost(asked);
      await pause(clock, renewMs, this.#stop.signal);
    }
  }

  /** @param taken when the lease was asked for: others may count from then on */
  async #leadUntilLost(taken: number): Promise<void> {
    const { clock, logger, leaseMs, renewMs } = this.#options;
    const lost = new AbortController();
    // A third of the lease is the margin in which the work has to stop, also when the server does not answer at all.
    const limit = (since: number): Timer =>
      clock.after(Math.max(0, since + (leaseMs * 2) / 3 - clock.monotonic()), () =>
        lost.abort(new Error(`${this.label}: the lease could not be renewed in time`)),
      );
    let timer = limit(taken);
    const onStop = (): void => lost.abort(this.#stop.signal.reason);
    this.#stop.signal.addEventListener("abort", onStop, { once: true });
    logger.info(`${this.label}: this process leads`, { identity: this.#options.identity });
    const leading = this.#options.lead(lost.signal).catch((error: unknown) => {
      logger.error(`${this.label}: what the leader does failed: ${errorMessage(error)}`);
    });
    while (!lost.signal.aborted) {
      await pause(clock, renewMs, lost.signal);
      if (lost.signal.aborted) break;
      const asked = clock.monotonic();
      if (!(await this.#acquire())) continue;
      timer.cancel();
      timer = limit(asked);
    }
    timer.cancel();
    await leading;
    this.#stop.signal.removeEventListener("abort", onStop);
    if (this.#stop.signal.aborted) await this.#release();
    logger.info(`${this.label}: this process no longer leads`);
  }

  /** Takes or renews the lease; false when somebody else holds it or the server cannot be asked. */
  async #acquire(): Promise<boolean> {
    const { client, logger, namespace, name } = this.#options;
    const leases = clientOf(client, resources.leases);
    try {
      const present = await leases.get(name, { namespace });
      if (!this.#mayTake(present)) return false;
      await leases.update(this.#mine(present), { namespace });
      return true;
    } catch (error) {
      if (ApiError.is(error, "NotFound")) return await this.#createLease();
      if (!ApiError.is(error, "Conflict"))
        logger.warn(`${this.label}: the lease cannot be renewed: ${errorMessage(error)}`);
      return false;
    }
  }

  async #createLease(): Promise<boolean> {
    const { client, namespace } = this.#options;
    try {
      await clientOf(client, resources.leases).create(this.#mine(undefined), { namespace });
      return true;
    } catch (error) {
      if (!ApiError.is(error, "AlreadyExists"))
        this.#options.logger.warn(`${this.label}: the lease cannot be made: ${errorMessage(error)}`);
      return false;
    }
  }

  #mayTake(present: Lease): boolean {
    const { clock, identity, leaseMs } = this.#options;
    const { holderIdentity: holder = "", renewTime: renewed = "" } = present.spec ?? {};
    if (holder === identity || holder === "") return true;
    const now = clock.monotonic();
    if (this.#seen?.holder !== holder || this.#seen.renewed !== renewed)
      this.#seen = { holder, renewed, at: now };
    const lasts = Math.max(leaseMs, (present.spec?.leaseDurationSeconds ?? 0) * 1000);
    return now - this.#seen.at > lasts;
  }

  #mine(present: Lease | undefined): Lease {
    const { clock, identity, leaseMs, namespace, name } = this.#options;
    const now = new Date(clock.now()).toISOString().replace("Z", "000Z");
    const spec = present?.spec ?? {};
    const same = spec.holderIdentity === identity;
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: present?.metadata ?? { name, namespace },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(leaseMs / 1000),
        acquireTime: same ? (spec.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: (spec.leaseTransitions ?? 0) + (same || !present ? 0 : 1),
      },
    };
  }

  /** So that the next one need not wait. */
  async #release(): Promise<void> {
    const { client, namespace, name, identity } = this.#options;
    const leases = clientOf(client, resources.leases);
    try {
      const present = await leases.get(name, { namespace });
      if (present.spec?.holderIdentity !== identity) return;
      await leases.update({ ...present, spec: { ...present.spec, holderIdentity: "" } }, { namespace });
    } catch (error) {
      this.#options.logger.debug(`${this.label}: the lease was not given back: ${errorMessage(error)}`);
    }
  }

  async dispose(): Promise<void> {
    this.#stop.abort(new Error(`${this.label} is stopped`));
    await this.#running;
  }
}
