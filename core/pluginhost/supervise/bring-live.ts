import { Connection } from "@berth/verbs";
import type { PluginLink } from "../call/plugin-link.ts";
import type { PluginView } from "../contracts/plugin-host.ts";
import type { PluginSpec } from "../contracts/plugin-types.ts";
import type { PluginGroups } from "../launch/plugin-groups.ts";
import type { HealthNumbers } from "./health-account.ts";
import { HealthLoop } from "./health-loop.ts";
import { wantedGrants } from "./grants.ts";
import type { Incarnation } from "./incarnation.ts";
import { isolationInForce } from "./isolation.ts";
import { probe, type ProbeOutcome } from "./probe-contract.ts";
import { activate, type Introduction } from "./session.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";

/** An incarnation to which calls go, with what goes with it. */
export interface Live {
  readonly incarnation: Incarnation;
  readonly introduction: Introduction;
  readonly capabilities: readonly string[];
  /** Monotonic milliseconds. */
  readonly since: number;
  /** Asks it how it is, on a connection of its own. */
  probe(): Promise<ProbeOutcome>;
  /** Ends the health checks and the connection for calls; the process goes on. */
  letGo(): void;
}

/**
 * The incarnation may write from here on, and calls go to it. Rejects when it cannot do what its contract needs; then
 * nothing is left open but the gate, which is the caller's to close.
 */
export async function bringLive(
  parts: SupervisorParts,
  options: {
    readonly name: string;
    readonly spec: PluginSpec;
    readonly link: PluginLink;
    readonly incarnation: Incarnation;
    readonly introduced: Introduction;
    readonly health: HealthNumbers;
    readonly onHealth: (outcome: ProbeOutcome) => void;
  },
): Promise<Live> {
  const { adapter, clock, logger, numbers, paths } = parts;
  const { name, spec, link, incarnation, introduced } = options;
  const { manifest, config } = incarnation.plan;
  const hostNetwork = manifest.hostServices.includes("network");
  const introduction = await activate(incarnation, introduced, adapter.stillValid(name));
  const connection = new Connection(`unix://${paths.endpoint(incarnation.number)}`);
  try {
    link.gate.open({ connection, incarnation: incarnation.number });
    const capabilities = await adapter.connect({
      name,
      spec,
      config,
      manifest,
      link,
      madeBy: `${manifest.id}@${manifest.version}`,
      mode: "managed",
      simulated: introduction.simulated,
      facts: introduction.facts,
      verbs: introduction.verbs,
    });
    const ask = (deadlineMs: number): Promise<ProbeOutcome> =>
      probe(incarnation.connection, manifest.contract, { sdk: manifest.sdk, hostNetwork, deadlineMs });
    const health = new HealthLoop({
      clock,
      logger,
      numbers: options.health,
      probe: ask,
      progress: () => link.metrics.calls,
      onOutcome: options.onHealth,
      onDead: (reason) => void incarnation.kill(reason),
    });
    return {
      incarnation,
      introduction,
      capabilities,
      since: clock.monotonic(),
      probe: () => ask(numbers.health.deadlineMs),
      letGo: () => {
        health.dispose();
        connection.dispose();
      },
    };
  } catch (error) {
    connection.dispose();
    throw error;
  }
}

/** What the API and `describe` show of a living plugin. */
export function shownOf(
  { incarnation, introduction, capabilities }: Live,
  groups: PluginGroups | undefined,
): Partial<PluginView> {
  const { plan, number, pid, startedAt } = incarnation;
  const { contractVersions, facts, simulated } = introduction;
  return {
    version: plan.manifest.version,
    unverified: plan.unverified,
    incarnation: number,
    pid,
    startedAt,
    contractVersions,
    facts,
    simulated,
    capabilities,
    grants: wantedGrants(plan.manifest).map((name) => ({ name, inForce: true })),
    isolation: isolationInForce(plan, pid, groups),
  };
}
