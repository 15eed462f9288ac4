import type { Connection } from "@berth/verbs";

/** What is behind the gate: one incarnation that serves. */
export interface Serving {
  readonly connection: Connection;
  readonly incarnation: number;
}

/** Thrown instead of calling when nobody serves. */
export class GateClosed extends Error {}

/**
 * Where calls to one plugin go now. Closed, a call fails at once with the reason; held, it waits inside its own
 * deadline for the next incarnation; open, it goes through. It is the circuit breaker of a plugin: supervision shuts it when
 * the process ends or its health is lost; failed or late calls do not, since slow is not dead.
 */
export class PluginGate {
  #serving: Serving | undefined;
  #closedReason = "not started yet";
  #held: PromiseWithResolvers<void> | undefined;
  #underWay = 0;
  #idle: (() => void)[] = [];

  open(serving: Serving): void {
    this.#serving = serving;
    this.#release();
  }

  /** From now on calls wait, until {@link open} or {@link close}. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  close(reason: string): void {
    this.#serving = undefined;
    this.#closedReason = reason;
    this.#release();
  }

  get serving(): Serving | undefined {
    return this.#serving;
  }

  get closedReason(): string {
    return this.#closedReason;
  }

  /** Calls that went through and have not come back. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Resolves when no call is under way. */
  async idle(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Passes without waiting where it can, so that the common call costs no turn of the event loop. */
  enter(): Serving | Promise<Serving> {
    if (this.#held) return this.#held.promise.then(() => this.enter());
    if (!this.#serving) throw new GateClosed(this.#closedReason);
    this.#underWay++;
    return this.#serving;
  }

  leave(): void {
    this.#underWay--;
    if (this.#underWay > 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.resolve();
  }
}
