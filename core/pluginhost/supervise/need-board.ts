import type { ContractKind } from "../contracts/plugin-types.ts";
import { findRing, unmetNeed } from "./dependencies.ts";

/** One plugin as its dependants see it. */
export interface NeedHolder {
  readonly name: string;
  readonly contract: ContractKind;
  readonly needs: readonly string[];
  readonly isServing: boolean;
  /** It serves or is being started. */
  readonly isComing: boolean;
}

/** Answers whether what plugins need is there, from the plugins, the daemons and the network of a node. */
export class NeedBoard {
  readonly #plugins: () => readonly NeedHolder[];
  /** Empty when ready; undefined when nobody declares it. */
  readonly #daemon: (id: string) => string | undefined;
  /** Empty when ready. */
  readonly #network: () => string;

  constructor(parts: {
    plugins: () => readonly NeedHolder[];
    daemon: (id: string) => string | undefined;
    network: () => string;
  }) {
    this.#plugins = parts.plugins;
    this.#daemon = parts.daemon;
    this.#network = parts.network;
  }

  /** Why not all of these are met, as one sentence; undefined when they are. */
  unmet(plugin: string, needs: readonly string[]): string | undefined {
    for (const need of needs) {
      const reason =
        need === "network" ? this.#networkReason() : this.#why(need, ({ isServing }) => isServing);
      // Who started before the others of a ring were known serves, and would wait for them without ever telling why.
      if (reason !== undefined) return this.#ringAround(plugin) ?? reason;
    }
    return undefined;
  }

  /**
   * Why it is of no use to start a plugin with these needs now. What only has to come up beside it is no reason to
   * wait: both come up at the same time, and the plugin is degraded until the other one is there.
   */
  missing(plugin: string, needs: readonly string[]): string | undefined {
    if (needs.length === 0) return undefined;
    const ring = this.#ringAround(plugin);
    if (ring !== undefined) return ring;
    for (const need of needs) {
      const reason = this.#why(need, ({ isComing }) => isComing);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #ringAround(plugin: string): string | undefined {
    const ring = findRing(
      this.#plugins().map(({ name, contract, needs }) => ({ name, needs, provides: provided(contract) })),
    );
    if (!ring?.includes(plugin)) return undefined;
    return `its needs form a ring: ${ring.join(" → ")}; one of them must do without`;
  }

  #why(need: string, counts: (plugin: NeedHolder) => boolean): string | undefined {
    if (need.startsWith("daemon:")) return this.#daemonReason(need.slice("daemon:".length));
    const plugins = this.#plugins();
    const declared = new Set(plugins.flatMap(({ contract }) => provided(contract)));
    const there = new Set(plugins.filter(counts).flatMap(({ contract }) => provided(contract)));
    return unmetNeed([need], there, declared);
  }

  #daemonReason(id: string): string | undefined {
    const reason = this.#daemon(id);
    if (reason === "") return undefined;
    if (reason === undefined) return `waiting for daemon ${id}, which no plugin of this node declares`;
    return `waiting for daemon ${id}: ${reason}`;
  }

  #networkReason(): string | undefined {
    const reason = this.#network();
    return reason === "" ? undefined : `waiting for the network: ${reason}`;
  }
}

function provided(contract: ContractKind): string[] {
  return contract === "cni" ? ["contract:cni", "network"] : [`contract:${contract}`];
}
