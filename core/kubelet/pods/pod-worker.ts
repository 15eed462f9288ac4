import { type Disposable, errorMessage } from "@berth/base";
import type { Pod } from "../../api/index.ts";
import { emptyActual, type PodActual, readySandbox } from "../actual/pod-actual.ts";
import { readPodActual } from "../actual/read-pod-actual.ts";
import { containerHash } from "../config/container-hash.ts";
import { GraceCut } from "../containers/container-killer.ts";
import { handlerKey, type RuntimeHandler } from "../../pluginhost/contracts/index.ts";
import type { PodActions, StartDecision } from "./decisions.ts";
import { busyContainers, containerTask, waitsForHook } from "./container-tasks.ts";
import { computePodActions } from "./pod-actions.ts";
import { PodContainerWork, type WorkContext } from "./pod-container-work.ts";
import { allContainers, isTerminalPhase, podTitle, podUid } from "./pod-containers.ts";
import { deadlineExceeded, podDeadline } from "./pod-deadline.ts";
import { podOutline } from "./pod-outline.ts";
import type { PodParts } from "./pod-parts.ts";
import type { PodProbes } from "./pod-probes.ts";
import { PodReporter } from "./pod-reporter.ts";
import { PodSchedule } from "./pod-schedule.ts";
import { PodTasks } from "./pod-tasks.ts";
import { graceOf, terminateContainers } from "./pod-terminator.ts";
import { superfluous } from "./superfluous.ts";
import { reportedRestarts } from "./reported-restarts.ts";
import { RestartBackoff } from "./restart-backoff.ts";
import { StartHolds } from "./start-holds.ts";
import { TerminationMessages } from "./termination-messages.ts";

/**
 * Holds one pod as it is against the pod as it should be, until nothing of it is left. Every look is short; what
 * takes time runs as a task beside it and asks for the next look when it ends.
 */
export class PodWorker implements Disposable {
  readonly label: string;
  readonly uid: string;
  readonly #parts: PodParts;
  readonly #tasks = new PodTasks((step, error) => this.#taskEnded(step, error));
  readonly #schedule: PodSchedule;
  readonly #probes: PodProbes;
  readonly #backoff = new RestartBackoff();
  readonly #holds = new StartHolds();
  readonly #work: PodContainerWork;
  readonly #messages: TerminationMessages;
  readonly #start = new AbortController();
  readonly #reporter: PodReporter;
  readonly #onEnded: (worker: PodWorker) => void;
  readonly #endedSignal = Promise.withResolvers<void>();
  #graceLimit = Number.POSITIVE_INFINITY;
  #hurry = new AbortController();
  #pod: Pod;
  #actual: PodActual = emptyActual;
  /** The runtime may have something of the pod. */
  #known: boolean;
  /** The API has no such pod any more. */
  #gone = false;
  #failure: { reason: string; message: string } | undefined;
  #volumesMounted = false;
  #toldWaiting = "";
  /** Nothing of the pod runs or will run; what the runtime says of it does not change any more. */
  #stopped = false;
  /** Network, volumes and probes are gone; containers may still lie there for their logs. */
  #released = false;
  #ended = false;
  #disposed = false;
  #looking = false;
  #again = false;

  /** `known`: the runtime may have sandboxes of the pod already. `onEnded` is told when nothing is left. */
  constructor(pod: Pod, parts: PodParts, options: { known: boolean; onEnded: (worker: PodWorker) => void }) {
    this.uid = podUid(pod);
    this.label = `pod ${podTitle(pod)}`;
    this.#pod = pod;
    this.#parts = parts;
    this.#known = options.known;
    this.#onEnded = options.onEnded;
    this.#reporter = new PodReporter(parts);
    this.#schedule = new PodSchedule(parts.clock, () => this.wake());
    this.#work = new PodContainerWork(parts, this.#backoff, this.#holds);
    this.#probes = parts.probes(() => this.wake());
    this.#messages = new TerminationMessages(parts.ground);
  }

  get pod(): Pod {
    return this.#pod;
  }
  get actual(): PodActual {
    return this.#actual;
  }

  /** Takes a newer version of the pod. */
  update(pod: Pod): void {
    const before = this.#pod;
    this.#pod = pod;
    if (podOutline(pod) === podOutline(before)) return;
    const grace = graceOf(pod);
    if (pod.metadata.deletionTimestamp !== undefined && grace < graceOf(before)) {
      this.#hurry.abort(new GraceCut(grace));
      this.#hurry = new AbortController();
    }
    this.refreshVolumes();
    this.wake();
  }

  /** The API has no such pod any more: what is left of it here goes, within `graceMs` if given, without its runtime if that is lost. */
  abandon(graceMs?: number, isRuntimeLost = false): void {
    this.#gone = true;
    if (isRuntimeLost) this.#known = false;
    if (graceMs !== undefined) {
      this.#graceLimit = graceMs;
      this.#hurry.abort(new GraceCut(graceMs));
      this.#hurry = new AbortController();
    }
    this.retryNow();
  }

  /** Resolves when nothing of the pod is left on the node. */
  get ended(): Promise<void> {
    return this.#endedSignal.promise;
  }

  /** Ends the pod for good with a reason that its status shows: a deadline, an eviction. */
  fail(failure: { reason: string; message: string }): void {
    this.#failure ??= failure;
    this.wake();
  }

  /** Files made of ConfigMaps, Secrets, tokens and fields are looked at again. */
  refreshVolumes(): void {
    if (!this.#volumesMounted || this.#ending) return;
    this.#tasks.run("refresh", () => this.#parts.volumes.refresh(this.#pod));
  }

  /** Asks for a look soon: the runtime tells of a change that may be the worker's own doing. */
  hint(): void {
    if (this.#tasks.idle) this.wake();
    else this.#schedule.wakeSoon();
  }

  /** A part of the node has changed: what waited for it is tried at once. */
  retryNow(): void {
    this.#schedule.forgetFailures();
    this.wake();
  }

  /** What containers lacked may be there now, an image for one: they are tried again at once. */
  tryHeld(): void {
    this.#holds.release();
    this.wake();
  }

  /** Asks for a look now, or right after the present one. */
  wake(): void {
    this.#again = true;
    if (!this.#looking && !this.#disposed && !this.#ended) void this.#look();
  }

  /** Stops looking; leaves the pod as it is for the next start of the node. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#schedule.cancel();
    this.#start.abort(new Error("the node is stopping"));
    await this.#probes.dispose();
  }

  get #deleting(): boolean {
    return this.#gone || this.#pod.metadata.deletionTimestamp !== undefined;
  }

  get #ending(): boolean {
    return this.#deleting || this.#failure !== undefined;
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      while (this.#again && !this.#disposed && !this.#ended) {
        this.#again = false;
        await this.#lookOnce();
        this.#schedule.succeeded("look");
      }
    } catch (error) {
      const retryMs = this.#schedule.failed("look");
      this.#log("a look at a pod failed; it is repeated", { retryMs, error: errorMessage(error) });
    } finally {
      this.#looking = false;
    }
  }

  async #lookOnce(): Promise<void> {
    const pod = this.#pod;
    if (this.#ending) {
      this.#start.abort(new Error(`pod ${podTitle(pod)} is ending`));
      if (this.#deleting || !this.#released) this.#try("end", () => this.#end());
    }
    const choice = await this.#parts.runtimes.choose(pod);
    if (!choice.handler) return this.#wait(choice.reason);
    if (!choice.handler.ready) return this.#wait(`runtime handler "${choice.handler.name}" is not ready`);
    this.#toldWaiting = "";
    const before = this.#tasks.keys();
    if (this.#known && !this.#stopped) await this.#observe(choice.handler);
    // A task that ended meanwhile may have done so after the runtime was asked.
    const busy = new Set([...before, ...this.#tasks.keys()]);
    await this.#messages.collect(pod, this.#actual);
    if (!this.#stopped) this.#probes.follow(pod, this.#actual, choice.handler);
    const working = busyContainers(pod, busy);
    const actions = this.#decide(pod, working);
    if (!this.#ending) this.#act(choice.handler, actions, busy);
    if (!this.#ended) this.#report(pod, choice.runtimeName, actions, working);
  }

  async #observe(handler: RuntimeHandler): Promise<void> {
    this.#actual = await readPodActual(handler.cri, this.uid);
    if (this.#actual.sandboxes.length > 0) this.#parts.runtimes.settle(this.uid, handlerKey(handler));
  }

  #decide(pod: Pod, busy: ReadonlySet<string>): PodActions {
    return computePodActions({
      pod,
      actual: this.#actual,
      busy,
      probes: this.#probes,
      backoff: this.#backoff,
      restarts: reportedRestarts(this.#parts.statuses.current(pod)),
      hash: containerHash,
      now: this.#parts.clock.now(),
    });
  }

  #act(handler: RuntimeHandler, actions: PodActions, busy: ReadonlySet<string>): void {
    const { phase } = this.#parts.statuses.current(this.#pod);
    if (isTerminalPhase(phase) || (actions.finished && this.#known && !busy.has("sandbox"))) {
      if (!this.#released) this.#try("release", () => this.#letGo(handler));
      return;
    }
    this.#enforceDeadline();
    if (!this.#volumesMounted) this.#try("volumes", () => this.#mountVolumes());
    if (busy.has("sandbox")) return;
    const attempt = actions.createSandbox;
    if (attempt !== undefined) {
      this.#try("sandbox", () => this.#createSandbox(handler, attempt));
      return;
    }
    const context = this.#context(handler);
    for (const kill of actions.kill) {
      this.#tasks.run(containerTask(kill.container.spec.name), () => this.#work.kill(context, kill));
    }
    if (this.#volumesMounted) this.#startContainers(context, actions.start, busy);
    if (actions.wakeAt !== undefined) this.#schedule.wakeAt(actions.wakeAt);
    const old = superfluous(this.#actual);
    if (old.containers.length + old.sandboxes.length > 0) {
      this.#try("tidy", () => this.#parts.sandboxes.tidy(context, old, this.#parts.ground));
    }
  }

  #startContainers(context: WorkContext, starts: readonly StartDecision[], busy: ReadonlySet<string>): void {
    const sandbox = readySandbox(this.#actual);
    if (!sandbox) return;
    const isBusy = (name: string): boolean =>
      busy.has(containerTask(name)) || this.#tasks.has(containerTask(name));
    for (const decision of starts) {
      const { name } = decision.container.spec;
      if (this.#holds.isHeld(name, this.#parts.clock.now())) this.#schedule.wakeAt(this.#holds.until(name));
      else if (!waitsForHook(this.#pod, decision, isBusy)) {
        this.#tasks.run(containerTask(name), () => this.#work.start(context, decision, sandbox));
      }
    }
  }

  #context(handler: RuntimeHandler): WorkContext {
    return {
      pod: this.#pod,
      actual: this.#actual,
      handler,
      signal: this.#start.signal,
      hurry: this.#hurry.signal,
    };
  }

  async #createSandbox(handler: RuntimeHandler, attempt: number): Promise<void> {
    this.#known = true;
    this.#parts.runtimes.settle(this.uid, handlerKey(handler));
    await this.#parts.sandboxes.start(this.#pod, attempt, handler, this.#actual);
  }

  async #mountVolumes(): Promise<void> {
    try {
      await this.#parts.volumes.mount(this.#pod, this.#start.signal);
      this.#volumesMounted = true;
    } catch (error) {
      if (this.#start.signal.aborted) return;
      const message = errorMessage(error);
      this.#parts.events.record(this.#pod, { type: "Warning", reason: "FailedMount", message });
      throw error;
    }
  }

  /** Network and volumes go; containers stay for their logs. */
  async #letGo(handler: RuntimeHandler | undefined): Promise<void> {
    if (handler && this.#known) await this.#parts.sandboxes.stop(handler, this.#actual);
    this.#stopped = true;
    await this.#probes.dispose();
    await this.#parts.volumes.unmount(this.uid);
    this.#released = true;
  }

  async #end(): Promise<void> {
    const parts = this.#parts;
    await this.#tasks.settled("end");
    const pod = this.#pod;
    const choice = await parts.runtimes.choose(pod);
    const { handler } = choice;
    if (this.#known) {
      if (!handler) throw new Error(`its runtime is needed to end the pod: ${choice.reason}`);
      this.#actual = await readPodActual(handler.cri, this.uid);
      await terminateContainers(parts.killer, {
        ...this.#context(handler),
        clock: parts.clock,
        graceMs: Math.min(graceOf(pod), this.#graceLimit),
      });
      this.#actual = await readPodActual(handler.cri, this.uid);
      await this.#messages.collect(pod, this.#actual);
    }
    this.#stopped = true;
    if (handler) this.#report(pod, choice.runtimeName, undefined, new Set());
    await this.#letGo(handler);
    if (!this.#deleting) return;
    if (handler && this.#known) await parts.sandboxes.remove(handler, this.#actual);
    await parts.ground.clean(pod);
    if (!this.#gone) {
      await parts.statuses.flush(this.uid);
      await parts.statuses.confirmDeletion(this.#pod);
    }
    this.#ended = true;
    parts.runtimes.forget(this.uid);
    parts.statuses.forget(this.uid);
    this.#schedule.cancel();
    this.#endedSignal.resolve();
    this.#onEnded(this);
  }

  #report(
    pod: Pod,
    runtimeName: string,
    actions: PodActions | undefined,
    busy: ReadonlySet<string>,
    waiting: PodActions["waiting"] = { ...this.#holds.reasons(), ...actions?.waiting },
  ): void {
    if (this.#gone) return;
    this.#reporter.report({
      pod,
      actual: this.#actual,
      probes: this.#probes,
      runtimeName,
      waiting,
      terminationMessages: this.#messages.texts,
      busy,
      finished: this.#stopped || (actions?.finished ?? false),
      failure: this.#stopped ? this.#failure : undefined,
    });
  }

  /** The pod waits for a part of the node. Said once, not at every look. */
  #wait(reason: string): void {
    if (this.#toldWaiting === reason || this.#ended) return;
    this.#toldWaiting = reason;
    // A pod that has begun runs on without its runtime's plugin; only one that has not waits.
    const { containerStatuses = [] } = this.#parts.statuses.current(this.#pod);
    if (this.#ending || containerStatuses.some(({ containerID }) => containerID !== undefined)) return;
    const message = `The pod waits for its node: ${reason}`;
    this.#parts.events.record(this.#pod, { type: "Warning", reason: "NodeNotReady", message });
    const waiting = Object.fromEntries(
      allContainers(this.#pod).map(({ spec }) => [spec.name, { reason: "WaitingForNode", message }]),
    );
    this.#report(this.#pod, "", undefined, new Set(), waiting);
  }

  #enforceDeadline(): void {
    const deadline = podDeadline(this.#pod, this.#parts.statuses.current(this.#pod).startTime);
    if (deadline === undefined) return;
    if (this.#parts.clock.now() < deadline) this.#schedule.wakeAt(deadline);
    else this.fail(deadlineExceeded);
  }

  #try(step: string, body: () => Promise<void>): void {
    if (this.#schedule.mayTry(step)) this.#tasks.run(step, body);
  }

  #taskEnded(step: string, error: unknown): void {
    if (error === undefined) this.#schedule.succeeded(step);
    else if (step === "end" || !this.#start.signal.aborted) {
      const retryMs = this.#schedule.failed(step);
      this.#log("a step of a pod failed; it is repeated", { step, retryMs, error: errorMessage(error) });
    }
    this.wake();
  }

  #log(message: string, fields: Record<string, unknown>): void {
    this.#parts.logger.warn(message, { pod: podTitle(this.#pod), ...fields });
  }
}
