import type { PluginLink } from "../call/plugin-link.ts";
import type { DebugDoor } from "./debug-door.ts";
import type { Definition } from "./definition.ts";
import type { Incarnation } from "./incarnation.ts";
import { bringLive, type Live, shownOf } from "./bring-live.ts";
import type { PluginStatus } from "./plugin-status.ts";
import type { ProbeOutcome } from "./probe-contract.ts";
import type { Introduction } from "./session.ts";
import type { Setbacks } from "./setbacks.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";
import { whyDegraded } from "./why-degraded.ts";

export interface InServiceParts {
  readonly definition: Definition;
  readonly link: PluginLink;
  readonly status: PluginStatus;
  readonly setbacks: Setbacks;
  readonly door: DebugDoor;
  /** Aborts when the supervisor stops; nothing is shown of health from then on. */
  readonly halted: AbortSignal;
}

/** To which incarnation of a plugin calls go, and how it says it is. */
export class InService {
  readonly #parts: SupervisorParts;
  readonly #own: InServiceParts;
  #live: Live | undefined;
  #outcome: ProbeOutcome | undefined;

  constructor(parts: SupervisorParts, own: InServiceParts) {
    this.#parts = parts;
    this.#own = own;
  }

  get live(): Live | undefined {
    return this.#live;
  }

  /** Rejects when the incarnation cannot do what its contract needs; the former one, if any, is the caller's to let go. */
  async begin(incarnation: Incarnation, introduced: Introduction): Promise<void> {
    const { definition, link, status, door } = this.#own;
    const { groups, memory, numbers } = this.#parts;
    memory.change({ serving: incarnation.number });
    const live = await bringLive(this.#parts, {
      health: door.health(numbers.health),
      name: definition.name,
      spec: definition.spec,
      link,
      incarnation,
      introduced,
      onHealth: (outcome) => this.#onHealth(incarnation, outcome),
    });
    this.#live = live;
    const shown = shownOf(live, groups);
    status.set("starting", "asking how it is", { ...shown, ...memory.past });
    this.#onHealth(incarnation, await live.probe());
  }

  /** Shows how it said it was last: what it needs may have changed since. */
  show(): void {
    if (this.#live && this.#outcome) this.#onHealth(this.#live.incarnation, this.#outcome);
  }

  /** Calls fail with the reason from here on. */
  end(reason: string): void {
    const { definition, link } = this.#own;
    link.gate.close(reason);
    link.endStreams(reason);
    this.#parts.adapter.disconnect(definition.name, reason);
    this.suspend();
  }

  /** Nobody serves, and calls wait for whoever comes: the gate is left as it is. */
  suspend(): void {
    this.#live?.letGo();
    this.#live = undefined;
  }

  #onHealth(incarnation: Incarnation, outcome: ProbeOutcome): void {
    const { definition, status, setbacks, halted } = this.#own;
    if (this.#live?.incarnation !== incarnation || halted.aborted) return;
    this.#outcome = outcome;
    this.#parts.adapter.told?.(definition.name, outcome.ready ? "" : outcome.reason);
    const reason = whyDegraded(outcome, this.#parts.unmet(definition.needs), setbacks, definition);
    const updateFailure = setbacks.reason ?? definition.behind;
    status.set(reason === "" ? "ready" : "degraded", reason, { updateFailure });
  }
}
