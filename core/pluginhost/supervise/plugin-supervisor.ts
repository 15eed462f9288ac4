import { type Disposable, errorMessage, isBerthError } from "@berth/base";
import { Connection } from "@berth/verbs";
import type { PluginLink } from "../call/plugin-link.ts";
import type { DesiredPlugin } from "../contracts/plugin-host.ts";
import type { LastCause } from "../contracts/plugin-types.ts";
import { CrashBudget } from "./crash-budget.ts";
import { HealthLoop } from "./health-loop.ts";
import { Incarnation } from "./incarnation.ts";
import { isolationInForce } from "./isolation.ts";
import { type LaunchPlan, planChange } from "./launch-plan.ts";
import { planLaunch, type Planned } from "./plan-launch.ts";
import { PluginStatus } from "./plugin-status.ts";
import { probe, type ProbeOutcome } from "./probe-contract.ts";
import { drain, retire } from "./retire.ts";
import { activate, introduce, type Introduction } from "./session.ts";
import { emptyMemory, type InstanceMemory, type SupervisorParts } from "./supervisor-parts.ts";
import { rest, WakeCall } from "./wake-call.ts";

/** An incarnation to which calls go, with what goes with it. */
interface Live {
  readonly incarnation: Incarnation;
  readonly introduction: Introduction;
  readonly connection: Connection;
  readonly health: HealthLoop;
  readonly since: number;
}

/**
 * Brings one plugin to what its object says and keeps it there: adopts or starts it, replaces it beside itself,
 * starts it again when it ends, and says at every moment why it is not simply ready.
 */
export class PluginSupervisor implements Disposable {
  readonly label: string;
  readonly link: PluginLink;
  readonly status: PluginStatus;
  readonly #parts: SupervisorParts;
  readonly #budget: CrashBudget;
  readonly #wake = new WakeCall();
  readonly #changed = new WakeCall();
  #desired: DesiredPlugin;
  #planned: Planned | undefined;
  #live: Live | undefined;
  #adopted: Incarnation | undefined;
  /** The version to which an update was rolled back, for as long as the object does not change. */
  #rolledBack: { plan: LaunchPlan; reason: string } | undefined;
  #watch: { until: number; former: LaunchPlan } | undefined;
  #refused: string | undefined;
  #stopping = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(desired: DesiredPlugin, link: PluginLink, parts: SupervisorParts) {
    this.label = `plugin ${desired.name}`;
    this.#desired = desired;
    this.#parts = parts;
    this.link = link;
    this.status = new PluginStatus(link, {
      name: desired.name,
      contract: desired.spec.contract,
      mode: "managed",
    });
    this.#budget = new CrashBudget(parts.numbers.restart);
  }

  start(): void {
    this.#loop = this.#run();
  }

  update(desired: DesiredPlugin): void {
    this.#desired = desired;
    this.#planned = undefined;
    this.#rolledBack = undefined;
    this.#refused = undefined;
    this.#budget.reset();
    this.#remember({ isQuarantined: false });
    this.#changed.call();
    this.#wake.call();
  }

  /** Something that it may have waited for has happened. */
  wake(): void {
    this.#wake.call();
  }

  get needs(): readonly string[] {
    return this.#planned?.needs ?? [];
  }

  get isServing(): boolean {
    return this.#live !== undefined;
  }

  /** Ends the process and forgets it. `teardown`: what it made on the node goes too. */
  async remove(reason: string): Promise<void> {
    await this.#halt();
    await this.#retire(reason);
    this.#parts.adapter.forget(this.#desired.name);
    this.#parts.memories.delete(this.#desired.name);
    if (reason === "teardown") await this.#parts.groups?.remove();
  }

  /** Lets go of the process for the next host to adopt. */
  async leave(): Promise<void> {
    await this.#halt();
    const { incarnation } = this.#live ?? {};
    if (incarnation?.plan.manifest.lifetime === "with-host") return this.#retire("the host ends");
    this.#letGo("the host ends");
    incarnation?.leave();
    this.#adopted?.leave();
  }

  dispose(): Promise<void> {
    return this.leave();
  }

  async #halt(): Promise<void> {
    this.#stopping = true;
    this.#changed.call();
    this.#wake.call();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let found = false;
    while (!this.#stopping) {
      const wake = this.#wake.next;
      try {
        if (!found) await this.#findLeftOvers();
        found = true;
        await this.#turn(wake);
      } catch (error) {
        // A turn reports what it expects to go wrong; this is a fault of the host itself.
        this.#parts.logger.error("supervision failed", { error: errorMessage(error) });
        this.status.set("degraded", `the host failed to supervise it: ${errorMessage(error)}`);
        await this.#rest(wake);
      }
    }
  }

  /** Processes of a former host: the one that served is adopted, others are what an interrupted update left. */
  async #findLeftOvers(): Promise<void> {
    const { memories, records, handshakes, plugin } = this.#parts;
    const { serving } = memories.get(plugin) ?? emptyMemory;
    for (const [key, record] of records.entries(`${plugin}#`)) {
      const found = Incarnation.adopt(this.#parts, record);
      if (found && record.incarnation === serving) this.#adopted = found;
      else if (found) await found.end("left over from an interrupted start");
      else if (record.incarnation === serving) this.#noteEnd(await Incarnation.obituary(this.#parts, record));
      else records.delete(key);
    }
    const manifest = this.#adopted?.plan.manifest;
    if (manifest) await this.#parts.offerHost(manifest);
    await handshakes.listen();
  }

  async #turn(wake: AbortSignal): Promise<void> {
    if (this.#desired.spec.disabled) {
      await this.#retire("taken out of service by spec.disabled");
      this.status.set("disabled", "spec.disabled is true: taken out of service on purpose");
      return this.#rest(wake);
    }
    const adopted = this.#adopted;
    if (adopted) await this.#resume(adopted);
    const planned = await this.#plan();
    if (!planned) return this.#live ? this.#watchLive(wake) : this.#rest(wake);
    const unmet = this.#parts.unmet(planned.needs);
    if (this.#live) await this.#converge(this.#live, this.#rolledBack?.plan ?? planned.plan);
    else if (this.#memory.isQuarantined) return this.#rest(wake);
    else if (unmet !== undefined) {
      this.status.set("waiting", unmet);
      return this.#rest(wake);
    } else await this.#startFresh(this.#rolledBack?.plan ?? planned.plan);
    if (this.#live) await this.#watchLive(wake);
  }

  async #plan(): Promise<Planned | undefined> {
    if (this.#planned) return this.#planned;
    const { plugin, packages, daemons, report } = this.#parts;
    try {
      this.#planned = await planLaunch(this.#desired.spec, { plugin, packages, daemons });
      this.#refused = undefined;
      return this.#planned;
    } catch (error) {
      if (!isBerthError(error)) throw error;
      const sentence = `refused: ${error.message}. ${error.definition.next}`;
      if (this.#refused !== sentence) report("Warning", "PluginRefused", sentence);
      this.#refused = sentence;
      if (!this.#live) this.status.set("disabled", sentence);
      return undefined;
    }
  }

  async #startFresh(plan: LaunchPlan): Promise<void> {
    const { plugin, clock } = this.#parts;
    const number = this.#memory.incarnation + 1;
    this.#remember({ incarnation: number });
    this.status.set("starting", `starting ${plan.manifest.id} ${plan.manifest.version}`, {
      incarnation: number,
      version: plan.manifest.version,
      unverified: plan.unverified,
    });
    let incarnation: Incarnation | undefined;
    try {
      await this.#parts.offerHost(plan.manifest);
      incarnation = await Incarnation.launch(this.#parts, plan, number);
      const introduction = await this.#introduce(incarnation, plan.manifest.startBudgetSeconds * 1000);
      await this.#goLive(incarnation, introduction);
    } catch (error) {
      const at = new Date(clock.now()).toISOString();
      const message = errorMessage(error);
      this.#parts.logger.warn("start failed", { plugin, incarnation: number, error: message });
      const cause = (await incarnation?.end(message)) ?? { at, incarnation: number, pid: 0, message };
      await this.#crashed(cause, undefined);
    }
  }

  /** Steps of a session with a process that a former host started; one that does not take part is replaced. */
  async #resume(incarnation: Incarnation): Promise<void> {
    this.#adopted = undefined;
    this.status.set("starting", `adopting process ${incarnation.pid}`, {
      incarnation: incarnation.number,
      pid: incarnation.pid,
      restarts: this.#memory.restarts,
      lastCause: this.#memory.lastCause,
    });
    try {
      const introduction = await this.#introduce(incarnation, this.#parts.numbers.renewMs);
      await this.#goLive(incarnation, introduction);
      this.#parts.logger.info("adopted", { pid: incarnation.pid, incarnation: incarnation.number });
    } catch (error) {
      const reason = `it could not be adopted: ${errorMessage(error)}`;
      this.#letGo(reason);
      this.#noteEnd(await incarnation.end(reason));
    }
  }

  #introduce(incarnation: Incarnation, budgetMs: number): Promise<Introduction> {
    const configGeneration = this.#memory.configGeneration + 1;
    this.#remember({ configGeneration });
    return introduce(incarnation, {
      clock: this.#parts.clock,
      logger: this.#parts.logger,
      budgetMs,
      configGeneration,
    });
  }

  /** The incarnation may write from here on, and calls go to it. */
  async #goLive(incarnation: Incarnation, introduced: Introduction): Promise<void> {
    const { adapter, numbers, clock, logger, paths, groups } = this.#parts;
    const { name, spec } = this.#desired;
    const { manifest, config } = incarnation.plan;
    const introduction = await activate(incarnation, introduced, adapter.stillValid(name));
    const connection = new Connection(`unix://${paths.endpoint(incarnation.number)}`);
    this.#remember({ serving: incarnation.number });
    this.link.gate.open({ connection, incarnation: incarnation.number });
    try {
      const capabilities = await adapter.connect({
        name,
        spec,
        config,
        manifest,
        madeBy: `${manifest.id}@${manifest.version}`,
        mode: "managed",
        simulated: introduction.simulated,
        facts: introduction.facts,
        verbs: introduction.verbs,
        link: this.link,
      });
      const check = (deadlineMs: number): Promise<ProbeOutcome> =>
        probe(incarnation.connection, manifest.contract, { sdk: manifest.sdk, deadlineMs });
      const health = new HealthLoop({
        clock,
        logger,
        numbers: numbers.health,
        probe: check,
        progress: () => this.link.metrics.calls,
        onOutcome: (outcome) => this.#onHealth(incarnation, outcome),
        onDead: (reason) => void incarnation.kill(reason),
      });
      this.#live = { incarnation, introduction, connection, health, since: clock.monotonic() };
      this.status.set("starting", "asking how it is", {
        version: manifest.version,
        unverified: incarnation.plan.unverified,
        contractVersions: introduction.contractVersions,
        facts: introduction.facts,
        simulated: introduction.simulated,
        incarnation: incarnation.number,
        pid: incarnation.pid,
        startedAt: incarnation.startedAt,
        restarts: this.#memory.restarts,
        capabilities,
        grants: (this.#planned?.grants ?? []).map((grant) => ({ name: grant, inForce: true })),
        isolation: isolationInForce(incarnation.plan, { groups: groups !== undefined, uid: this.#parts.uid }),
      });
      this.#onHealth(incarnation, await check(numbers.health.deadlineMs));
    } catch (error) {
      connection.dispose();
      throw error;
    }
  }

  #onHealth(incarnation: Incarnation, outcome: ProbeOutcome): void {
    if (this.#live?.incarnation !== incarnation || this.#stopping) return;
    const reasons = [
      outcome.ready ? undefined : outcome.reason || "it says that it is not ready and gives no reason",
      this.#parts.unmet(this.needs),
      this.#rolledBack?.reason,
      this.#refused && `its new definition is ${this.#refused}`,
    ].filter((reason) => reason !== undefined);
    this.status.set(reasons.length > 0 ? "degraded" : "ready", reasons.join("; "));
  }

  /** Until it ends or there is something to look at. */
  async #watchLive(wake: AbortSignal): Promise<void> {
    const live = this.#live!;
    const { incarnation } = live;
    const woken = new Promise<undefined>((resolve) => {
      if (wake.aborted) resolve(undefined);
      else wake.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    const cause = await Promise.race([incarnation.ended, woken]);
    if (cause) return this.#crashed(cause, live.since);
    const { manifest } = incarnation.plan;
    const { deadlineMs } = this.#parts.numbers.health;
    if (this.#stopping) return;
    this.#onHealth(
      incarnation,
      await probe(incarnation.connection, manifest.contract, { sdk: manifest.sdk, deadlineMs }),
    );
  }

  async #converge(live: Live, plan: LaunchPlan): Promise<void> {
    const change = planChange(live.incarnation.plan, plan);
    if (change === "none") return;
    if (change === "configure") return this.#reconfigure(live, plan);
    if (this.#desired.spec.updatePolicy === "OnDelete") return;
    await this.#replace(live, plan);
  }

  async #reconfigure(live: Live, plan: LaunchPlan): Promise<void> {
    const { incarnation } = live;
    const former = incarnation.plan.config;
    incarnation.reconfigured(plan.config);
    try {
      const introduction = await this.#introduce(incarnation, plan.manifest.startBudgetSeconds * 1000);
      this.#letGo("it takes another configuration");
      await this.#goLive(incarnation, introduction);
    } catch (error) {
      incarnation.reconfigured(former);
      this.#rollBack(
        incarnation.plan,
        `it refused the new configuration and keeps the former one: ${errorMessage(error)}`,
      );
    }
  }

  /** Make before break: the next incarnation is introduced beside the one that serves, then takes over. */
  async #replace(live: Live, plan: LaunchPlan): Promise<void> {
    const { clock, logger, numbers } = this.#parts;
    const former = live.incarnation;
    const number = this.#memory.incarnation + 1;
    this.#remember({ incarnation: number });
    const names = `update from ${former.plan.manifest.version} to ${plan.manifest.version}`;
    let next: Incarnation | undefined;
    let introduction: Introduction;
    try {
      next = await Incarnation.launch(this.#parts, plan, number);
      introduction = await this.#introduce(next, plan.manifest.startBudgetSeconds * 1000);
    } catch (error) {
      const cause = await next?.end(errorMessage(error));
      return this.#rollBack(
        former.plan,
        `${names} failed, the former keeps serving: ${cause?.message ?? errorMessage(error)}`,
      );
    }
    this.link.gate.hold();
    try {
      await drain(former, numbers.drainMs);
      live.health.dispose();
      await this.#goLive(next, introduction);
      this.#watch = { until: clock.monotonic() + numbers.watchMs, former: former.plan };
      live.connection.dispose();
      await retire(former, `replaced by ${plan.manifest.version}`, {
        clock,
        logger,
        drainMs: numbers.drainMs,
      });
      this.#parts.report("Normal", "PluginUpdated", `${names} done`);
    } catch (error) {
      const cause = await next.end(errorMessage(error));
      this.#rollBack(
        former.plan,
        `${names} failed during the handover, the former is started again: ${cause.message}`,
      );
      this.#letGo("it is being rolled back");
      await former.end("drained for an update that failed");
    }
  }

  #rollBack(plan: LaunchPlan, reason: string): void {
    this.#rolledBack = { plan, reason };
    this.#parts.report("Warning", "PluginUpdateFailed", reason);
    if (this.#live) this.status.set("degraded", reason);
  }

  async #crashed(cause: LastCause, since: number | undefined): Promise<void> {
    const { clock, report, plugin } = this.#parts;
    this.#letGo(cause.message);
    this.#noteEnd(cause);
    const gone = {
      pid: undefined,
      capabilities: [] as string[],
      lastCause: cause,
      restarts: this.#memory.restarts,
    };
    const now = clock.monotonic();
    if (this.#watch && since !== undefined && now < this.#watch.until) {
      this.#rollBack(this.#watch.former, `the update was rolled back: ${cause.message}`);
    }
    this.#watch = undefined;
    if (this.#stopping) return;
    const decision = this.#budget.ended(now, since);
    if (decision.again) {
      report("Warning", "PluginEnded", `${plugin} ended: ${cause.message}`);
      this.status.set("backoff", `${cause.message}; starts again in ${decision.delayMs} ms`, gone);
      await rest(clock, decision.delayMs, this.#changed.next);
      return;
    }
    this.#remember({ isQuarantined: true });
    const reason = `it ended ${decision.ends} times in 10 minutes and is not started again; last: ${cause.message}`;
    report(
      "Warning",
      "PluginQuarantined",
      `${reason}. Correct the cause, then change the Plugin or restart it.`,
    );
    this.status.set("quarantined", reason, gone);
  }

  #letGo(reason: string): void {
    this.link.gate.close(reason);
    this.#parts.adapter.disconnect(this.#desired.name, reason);
    this.#live?.health.dispose();
    this.#live?.connection.dispose();
    this.#live = undefined;
  }

  async #retire(reason: string): Promise<void> {
    const incarnation = this.#live?.incarnation ?? this.#adopted;
    if (!incarnation) return;
    const { clock, logger, numbers } = this.#parts;
    this.status.set("draining", reason);
    this.#live?.health.dispose();
    const cause = await retire(incarnation, reason, {
      clock,
      logger,
      drainMs: numbers.drainMs,
      shutdownMs: numbers.drainMs,
    });
    this.#letGo(reason);
    this.#adopted = undefined;
    this.#remember({ lastCause: cause });
    this.status.set("stopped", reason, { pid: undefined, capabilities: [], lastCause: cause });
  }

  async #rest(wake: AbortSignal): Promise<void> {
    if (this.#stopping) return;
    await rest(this.#parts.clock, this.#parts.numbers.rescanMs, wake);
  }

  get #memory(): InstanceMemory {
    return this.#parts.memories.get(this.#parts.plugin) ?? emptyMemory;
  }

  #remember(change: Partial<InstanceMemory>): void {
    this.#parts.memories.put(this.#parts.plugin, { ...this.#memory, ...change });
  }

  #noteEnd(lastCause: LastCause): void {
    this.#remember({ lastCause, restarts: this.#memory.restarts + 1 });
  }
}
