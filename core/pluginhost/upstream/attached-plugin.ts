import { type Clock, errorMessage, exponentialBackoff, type Logger, pause } from "@berth/base";
import { Connection, socketPath } from "@berth/verbs";
import type { PluginLink } from "../call/plugin-link.ts";
import type { ContractAdapter } from "../capabilities/contract-adapter.ts";
import type { DesiredPlugin, PluginView } from "../contracts/plugin-host.ts";
import type { ContractKind, PluginSpec } from "../contracts/plugin-types.ts";
import type { HostedPlugin } from "../hosted-plugin.ts";
import { socketServer } from "../launch/socket-server.ts";
import { outOfService } from "../supervise/definition.ts";
import { HealthLoop } from "../supervise/health-loop.ts";
import type { HealthNumbers } from "../supervise/health-account.ts";
import { PluginStatus } from "../supervise/plugin-status.ts";
import { probe, type ProbeOutcome } from "../supervise/probe-contract.ts";
import { aborted, WakeCall } from "../supervise/wake-call.ts";

export interface AttachedPluginParts {
  readonly link: PluginLink;
  readonly adapter: ContractAdapter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly health: HealthNumbers;
  /** What its registration said about itself, for facts that a managed plugin would tell in Describe. */
  readonly facts: Readonly<Record<string, string>>;
  /** Told once for each connect that succeeded (undefined) or failed (why). */
  readonly onOutcome?: (error: string | undefined) => void;
}

const dialMs = 5000;

/** A plugin that somebody else runs: the host connects to its socket, and again whenever that comes back. */
export class AttachedPlugin implements HostedPlugin {
  readonly name: string;
  readonly contract: ContractKind;
  readonly needs: readonly string[] = [];
  readonly link: PluginLink;
  readonly status: PluginStatus;
  readonly #parts: AttachedPluginParts;
  readonly #stop = new AbortController();
  #desired: DesiredPlugin;
  readonly #redial = new WakeCall();
  #loop: Promise<void> = Promise.resolve();

  constructor(desired: DesiredPlugin, parts: AttachedPluginParts) {
    const { name, spec } = desired;
    this.name = name;
    this.contract = spec.contract;
    this.link = parts.link;
    this.#desired = desired;
    this.#parts = parts;
    this.status = new PluginStatus(parts.link, { name, contract: spec.contract, mode: "attached" });
    parts.adapter.expect(name);
  }

  get isServing(): boolean {
    return this.link.gate.serving !== undefined;
  }

  get isComing(): boolean {
    return this.isServing || this.status.state === "starting";
  }

  /** For a runtime that does its own networking: what it lacks, empty when it serves. Undefined for all others. */
  get ownNetwork(): string | undefined {
    const { spec, name } = this.#desired;
    if (spec.contract !== "cri" || spec.network === "berth") return undefined;
    const { state, reason } = this.status.view;
    return state === "ready" ? "" : `runtime ${name} does its own networking and is ${state}: ${reason}`;
  }

  start(): void {
    this.#loop = this.#run();
  }

  update(desired: DesiredPlugin): void {
    const asked = ({ spec, restartedAt, stopped }: DesiredPlugin) =>
      JSON.stringify([spec, restartedAt, stopped]);
    if (asked(desired) === asked(this.#desired)) return;
    this.#desired = desired;
    this.#redial.call();
  }

  wake(): void {}

  async remove(reason: string): Promise<void> {
    await this.#end(reason);
    this.#parts.adapter.forget(this.name);
  }

  leave(): Promise<void> {
    return this.#end("the host ends");
  }

  async #end(reason: string): Promise<void> {
    this.#stop.abort();
    this.#redial.call();
    await this.#loop;
    this.status.set("stopped", reason, { capabilities: [] });
  }

  async #run(): Promise<void> {
    const backoff = exponentialBackoff({ baseMs: 250, capMs: 10_000 });
    let incarnation = 0;
    while (!this.#stop.signal.aborted) {
      const redial = this.#redial.next;
      const { spec } = this.#desired;
      const out = outOfService(this.#desired);
      if (out) {
        this.status.set(out.state, out.reason, { capabilities: [] });
        this.status.observe(this.#desired.generation);
        await aborted(redial);
        continue;
      }
      try {
        incarnation++;
        const reason = await this.#connectOnce(spec.source.endpoint ?? "", incarnation, redial, () =>
          backoff.reset(),
        );
        this.status.set("waiting", reason, { capabilities: [] });
      } catch (error) {
        const reason = errorMessage(error);
        this.#parts.onOutcome?.(reason);
        this.status.set("waiting", `it cannot be attached: ${reason}`, { capabilities: [] });
      }
      await pause(this.#parts.clock, backoff.next(), redial);
    }
  }

  /** Resolves with the reason when the connection is over. */
  async #connectOnce(
    endpoint: string,
    incarnation: number,
    redial: AbortSignal,
    onReady: () => void,
  ): Promise<string> {
    const { adapter, health, clock, logger } = this.#parts;
    const facts = { ...this.#parts.facts, ...networkFact(this.#desired.spec) };
    const connection = new Connection(endpoint);
    const checks = new Connection(endpoint);
    let loop: HealthLoop | undefined;
    try {
      await connection.ready(dialMs);
      this.link.gate.open({ connection, incarnation });
      const capabilities = await adapter.connect(this.#described(facts));
      const over = Promise.withResolvers<string>();
      const ask = (deadlineMs: number) => this.#probe(checks, endpoint, deadlineMs, over.resolve);
      const show = (
        { ready, reason }: Pick<ProbeOutcome, "ready" | "reason">,
        shown: Partial<PluginView> = {},
      ): void => {
        adapter.told?.(this.name, ready ? "" : reason);
        this.status.set(ready ? "ready" : "degraded", ready ? "" : reason, shown);
      };
      const startedAt = new Date(clock.now()).toISOString();
      const first = await ask(health.deadlineMs);
      show(first.answered ? first : { ready: true, reason: "" }, {
        capabilities,
        facts,
        incarnation,
        startedAt,
      });
      this.status.observe(this.#desired.generation);
      this.#parts.onOutcome?.(undefined);
      onReady();
      loop = new HealthLoop({
        clock,
        logger,
        numbers: health,
        probe: ask,
        progress: () => this.link.metrics.calls,
        onOutcome: (outcome) => show(outcome),
        onDead: over.resolve,
      });
      return (await Promise.race([over.promise, aborted(redial)])) ?? "it is attached anew";
    } finally {
      loop?.dispose();
      this.link.gate.close("it is not attached");
      this.link.endStreams("it is not attached");
      adapter.disconnect(this.name, "it is not attached");
      connection.dispose();
      checks.dispose();
    }
  }

  /** A socket at which nobody listens is no slow plugin but an absent one. */
  async #probe(
    connection: Connection,
    endpoint: string,
    deadlineMs: number,
    gone: (reason: string) => void,
  ): Promise<ProbeOutcome> {
    const outcome = await probe(connection, this.contract, { sdk: false, deadlineMs });
    const path = socketPath(endpoint);
    if (!outcome.answered && !(await socketServer(path))) gone(`nobody serves on ${path} any more`);
    return outcome;
  }

  #described(facts: Readonly<Record<string, string>>) {
    const { spec } = this.#desired;
    return {
      name: this.name,
      madeBy: `${this.name}@attached`,
      manifest: { id: this.name, version: "attached", contract: this.contract },
      mode: "attached" as const,
      config: spec.config ?? {},
      simulated: false,
      facts,
      verbs: undefined,
      spec,
      link: this.link,
    };
  }
}

function networkFact({ contract, network }: PluginSpec): Record<string, string> {
  if (contract !== "cri") return {};
  if (network === "berth") return { network: "berth: the chain of this node, called through CNI" };
  return { network: "runtime: its own CNI; Services and network policies of Berth do not reach its pods" };
}
