import { type Disposable, errorMessage, pause } from "@berth/base";
import type { PluginLink } from "../call/plugin-link.ts";
import type { DebugEvent } from "../contracts/plugin-tools.ts";
import type { DesiredPlugin } from "../contracts/plugin-host.ts";
import type { LastCause } from "../contracts/plugin-types.ts";
import { lackOfRoom } from "../launch/lack-of-room.ts";
import { DebugDoor } from "./debug-door.ts";
import type { DebugHost } from "./debug-session.ts";
import { Definition } from "./definition.ts";
import { findLeftOvers } from "./find-left-overs.ts";
import { lackingGrants } from "./grants.ts";
import type { Incarnation } from "./incarnation.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import { PluginStatus } from "./plugin-status.ts";
import type { Live } from "./bring-live.ts";
import { retire } from "./retire.ts";
import { InService } from "./in-service.ts";
import type { Introduction } from "./session.ts";
import { introduceTo, type Started, startIncarnation } from "./start-incarnation.ts";
import { Succession } from "./succession.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";
import { Setbacks } from "./setbacks.ts";
import { aborted, WakeCall } from "./wake-call.ts";

const stopsTooEarly = "the host stops before it was started";

/**
 * Brings one plugin to what its object says and keeps it there, one turn after another: adopts or starts it, has it
 * succeeded, starts it again when it ends, and says at every moment why it is not simply ready.
 */
export class PluginSupervisor implements Disposable {
  readonly label: string;
  readonly link: PluginLink;
  readonly status: PluginStatus;
  readonly #parts: SupervisorParts;
  readonly #setbacks: Setbacks;
  readonly #wake = new WakeCall();
  readonly #changed = new WakeCall();
  readonly #halted = new AbortController();
  readonly #door: DebugDoor;
  readonly #definition: Definition;
  readonly #inService: InService;
  readonly #succession: Succession;
  #adopted: Incarnation | undefined;
  #starting: Incarnation | undefined;
  #stopping = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(desired: DesiredPlugin, link: PluginLink, parts: SupervisorParts) {
    this.label = `plugin ${desired.name}`;
    this.#parts = parts;
    this.#definition = new Definition(desired, parts);
    this.#door = new DebugDoor(desired.name, this.#halted.signal);
    this.link = link;
    this.status = new PluginStatus(link, {
      name: desired.name,
      contract: desired.spec.contract,
      mode: "managed",
    });
    this.#setbacks = new Setbacks(parts.clock, parts.numbers);
    this.#inService = new InService(parts, {
      definition: this.#definition,
      link,
      status: this.status,
      setbacks: this.#setbacks,
      door: this.#door,
      halted: this.#halted.signal,
    });
    this.#succession = new Succession(parts, {
      definition: this.#definition,
      link,
      status: this.status,
      setbacks: this.#setbacks,
      inService: this.#inService,
      start: (plan, number) => this.#start(plan, number),
      goLive: (incarnation, introduction) => this.#goLiveOrEnd(incarnation, introduction),
      retire: (incarnation, reason) => this.#retireProcess(incarnation, reason),
    });
  }

  start(): void {
    this.#loop = this.#run();
  }

  update(desired: DesiredPlugin): void {
    this.#definition.change(desired);
    this.#setbacks.forget();
    this.#parts.memory.change({ isQuarantined: false });
    this.#changed.call();
    this.#wake.call();
  }

  debug(signal: AbortSignal): AsyncIterable<DebugEvent> {
    const events = this.#door.open(signal);
    this.#changed.call();
    this.#wake.call();
    return events;
  }

  /** Something that it may have waited for has happened. */
  wake(): void {
    if (!this.#inService.live || this.needs.length > 0) this.#wake.call();
  }

  get needs(): readonly string[] {
    return this.#definition.needs;
  }

  get isServing(): boolean {
    return this.#inService.live !== undefined;
  }

  /** Ends the process and forgets it. `teardown`: what it made on the node goes too. `kill`: it is not asked for anything. */
  async remove(reason: string, how: "ask" | "kill" = "ask"): Promise<void> {
    this.#stopping = true;
    if (how === "kill") await this.#inService.live?.incarnation.kill(reason);
    await this.#halt();
    await this.#retire(reason);
    this.#parts.adapter.forget(this.#definition.name);
    this.#parts.memory.forget();
    const { groups } = this.#parts;
    await (reason === "teardown" ? groups?.remove() : groups?.removeIdle());
  }

  /** Lets go of the process for the next host to adopt. */
  async leave(): Promise<void> {
    await this.#halt();
    const { incarnation } = this.#inService.live ?? {};
    if (incarnation?.plan.manifest.lifetime === "with-host") return this.#retire("the host ends");
    this.#inService.end("the host ends");
    incarnation?.leave();
    this.#adopted?.leave();
  }

  dispose(): Promise<void> {
    return this.leave();
  }

  async #halt(): Promise<void> {
    this.#stopping = true;
    this.#halted.abort();
    this.#changed.call();
    this.#wake.call();
    await this.#starting?.kill(stopsTooEarly);
    await this.#loop;
  }

  async #run(): Promise<void> {
    let found = false;
    while (!this.#stopping) {
      const wake = this.#wake.next;
      try {
        if (!found) this.#adopted = await findLeftOvers(this.#parts);
        found = true;
        await this.#turn(wake);
      } catch (error) {
        // What a turn expects to go wrong it reports; this is the host's own fault.
        this.#parts.logger.error("supervision failed", { error: errorMessage(error) });
        this.status.set("degraded", `the host failed to supervise it: ${errorMessage(error)}`);
        await this.#rest(wake);
      }
    }
  }

  async #turn(wake: AbortSignal): Promise<void> {
    const { generation } = this.#definition;
    const out = this.#definition.outOfService;
    if (out) {
      await this.#retire(out.reason);
      this.status.set(out.state, out.reason);
      this.status.observe(generation);
      return this.#rest(wake);
    }
    const planned = await this.#definition.plan();
    if (!planned) await this.#endWithoutGrants();
    if (this.#adopted) await this.#resume(this.#adopted);
    if (!planned) {
      const { refused = "", code } = this.#definition;
      if (!this.#inService.live) this.status.set("refused", refused, { code, updateFailure: refused });
      this.status.observe(generation);
      return this.#inService.live ? this.#watchLive(this.#inService.live, wake) : this.#rest(wake);
    }
    this.link.failOpen = planned.failOpen;
    if (this.#door.isOpen) return this.#door.host(this.#parts, planned.plan, this.#debugHost());
    const plan = this.#setbacks.instead(planned.plan);
    if (this.#inService.live) await this.#succession.converge(this.#inService.live, plan);
    else if (this.#parts.memory.facts.isQuarantined) return this.#rest(wake);
    else {
      const missing = this.#parts.missing(planned.needs) ?? (await lackOfRoom(this.#parts.paths.state));
      if (missing !== undefined) {
        this.status.set("waiting", missing);
        return this.#rest(wake);
      }
      await this.#startFresh(plan);
    }
    this.status.observe(generation);
    if (this.#inService.live) await this.#watchLive(this.#inService.live, wake);
  }

  /** Of what is granted no longer nothing may stay in force, and only the end of the process sees to that. */
  async #endWithoutGrants(): Promise<void> {
    const { plan } = this.#inService.live?.incarnation ?? this.#adopted ?? {};
    const revoked = plan ? lackingGrants(plan.manifest, this.#definition.spec.grants) : [];
    if (revoked.length > 0) await this.#retire(`spec.grants does not grant ${revoked.join(", ")} any more`);
  }

  #debugHost(): DebugHost {
    const waits = "under debug: waits for its author";
    return {
      begin: () => this.#retire("its author debugs it"),
      waiting: (incarnation) => this.status.set("waiting", waits, { incarnation, pid: undefined }),
      goLive: (guest, introduction) => this.#inService.begin(guest, introduction),
      letGo: (reason) => this.#inService.end(reason),
      retire: (guest) => this.#retireProcess(guest, "the debug session ends"),
    };
  }

  async #startFresh(plan: LaunchPlan): Promise<void> {
    const { memory } = this.#parts;
    const number = memory.nextIncarnation();
    const { id, version } = plan.manifest;
    const shown = { incarnation: number, version, unverified: plan.unverified, ...memory.past };
    const before = this.#setbacks.isRepeated ? `; before: ${memory.past.lastCause?.message}` : "";
    this.status.set("starting", `starting ${id} ${version}${before}`, shown);
    const started = await this.#start(plan, number);
    if (!started.ok && started.ran) return this.#crashed(started.cause, undefined);
    if (!started.ok) return this.#notStarted(started.cause.message);
    await this.#goLiveOrEnd(started.incarnation, started.introduction);
  }

  /** The host could not start a process; whether it is a good one is not known. */
  async #notStarted(reason: string): Promise<void> {
    if (this.#stopping) return;
    const delayMs = this.#setbacks.notStarted();
    this.status.set("backoff", `it could not be started: ${reason}; tried again in ${delayMs} ms`);
    await pause(this.#parts.clock, delayMs, this.#changed.next);
  }

  async #start(plan: LaunchPlan, number: number): Promise<Started> {
    try {
      return await startIncarnation(this.#parts, plan, number, {
        isCalledOff: () => this.#stopping,
        onLaunch: (incarnation) => {
          this.#starting = incarnation;
          if (this.#stopping) void incarnation.kill(stopsTooEarly);
        },
      });
    } finally {
      this.#starting = undefined;
    }
  }

  async #goLiveOrEnd(incarnation: Incarnation, introduction: Introduction): Promise<void> {
    try {
      await this.#inService.begin(incarnation, introduction);
    } catch (error) {
      await this.#crashed(await incarnation.end(errorMessage(error)), undefined);
    }
  }

  /** Steps of a session with a process that a former host started; one that does not take part is replaced. */
  async #resume(incarnation: Incarnation): Promise<void> {
    this.#adopted = undefined;
    this.status.set("starting", `adopting process ${incarnation.pid}`, {
      incarnation: incarnation.number,
      pid: incarnation.pid,
      ...this.#parts.memory.past,
    });
    try {
      const introduction = await introduceTo(this.#parts, incarnation, this.#parts.numbers.renewMs);
      await this.#inService.begin(incarnation, introduction);
      this.#parts.logger.info("adopted", { pid: incarnation.pid, incarnation: incarnation.number });
    } catch (error) {
      const reason = `it could not be adopted: ${errorMessage(error)}`;
      this.#inService.end(reason);
      this.#parts.memory.noteEnd(await incarnation.end(reason));
    }
  }

  /** Until it ends or there is something to look at. */
  async #watchLive({ incarnation, since }: Live, wake: AbortSignal): Promise<void> {
    this.#inService.show();
    const cause = await Promise.race([incarnation.ended, aborted(wake)]);
    if (cause) return this.#crashed(cause, since);
  }

  async #crashed(cause: LastCause, since: number | undefined): Promise<void> {
    const { clock, report, plugin, memory } = this.#parts;
    this.#inService.end(cause.message);
    memory.noteEnd(cause);
    const gone = { pid: undefined, capabilities: [] as string[], ...memory.past };
    const former = this.#setbacks.undone(since);
    if (former) this.#succession.rollBack(former, `the update was rolled back: ${cause.message}`);
    if (this.#stopping) return;
    const decision = this.#setbacks.ended(since);
    if (decision.again) {
      report("Warning", "PluginEnded", `${plugin} ended: ${cause.message}`);
      this.status.set("backoff", `${cause.message}; starts again in ${decision.delayMs} ms`, gone);
      await pause(clock, decision.delayMs, this.#changed.next);
      return;
    }
    memory.change({ isQuarantined: true });
    const reason = `${cause.message}; it ended ${decision.ends} times in 10 minutes and is not started again: correct that, then berth plugin restart ${plugin}`;
    report("Warning", "PluginQuarantined", reason);
    this.status.set("quarantined", reason, gone);
  }

  async #retire(reason: string): Promise<void> {
    const incarnation = this.#inService.live?.incarnation ?? this.#adopted;
    if (!incarnation) return;
    this.status.set("draining", reason);
    this.#inService.end(reason);
    const lastCause = await this.#retireProcess(incarnation, reason);
    this.#adopted = undefined;
    this.#parts.memory.change({ lastCause });
    this.status.set("stopped", reason, { pid: undefined, capabilities: [], lastCause });
  }

  #retireProcess(incarnation: Incarnation, reason: string): Promise<LastCause> {
    const { clock, logger, numbers } = this.#parts;
    return retire(incarnation, reason, { clock, logger, drainMs: numbers.drainMs });
  }

  async #rest(wake: AbortSignal): Promise<void> {
    if (this.#stopping) return;
    await pause(this.#parts.clock, this.#parts.numbers.rescanMs, wake);
  }
}
