import type { ContractKind } from "../contracts/plugin-types.ts";
import { findRing, unmetNeed } from "./dependencies.ts";

/** One plugin as its dependants see it. */
export interface NeedHolder {
  readonly name: string;
  readonly contract: ContractKind;
  readonly needs: readonly string[];
  readonly isServing: boolean;
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
    if (needs.length === 0) return undefined;
    const ring = findRing(
      this.#plugins().map(({ name, contract, needs }) => ({ name, needs, provides: provided(contract) })),
    );
    if (ring?.includes(plugin))
      return `its needs form a ring: ${ring.join(" → ")}; one of them must do without`;
    for (const need of needs) {
      const reason = this.#why(need);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #why(need: string): string | undefined {
    if (need.startsWith("daemon:")) {
      const id = need.slice("daemon:".length);
      const reason = this.#daemon(id);
      if (reason === "") return undefined;
      if (reason === undefined) return `waiting for daemon ${id}, which no plugin of this node declares`;
      return `waiting for daemon ${id}: ${reason}`;
    }
    if (need === "network") {
      const reason = this.#network();
      return reason === "" ? undefined : `waiting for the network: ${reason}`;
    }
    const plugins = this.#plugins();
    const declared = new Set(plugins.flatMap(({ contract }) => provided(contract)));
    const ready = new Set(
      plugins.filter(({ isServing }) => isServing).flatMap(({ contract }) => provided(contract)),
    );
    return unmetNeed([need], ready, declared);
  }
}

function provided(contract: ContractKind): string[] {
  return contract === "cni" ? ["contract:cni", "network"] : [`contract:${contract}`];
}
