import type { Pod } from "../../api/index.ts";
import { type ActualSandbox, newestContainer, type PodActual } from "../actual/pod-actual.ts";
import { readPodActual } from "../actual/read-pod-actual.ts";
import { StartFailure } from "../containers/start-failure.ts";
import type { RuntimeHandler } from "../../pluginhost/contracts/index.ts";
import type { KillDecision, StartDecision } from "./decisions.ts";
import { podUid } from "./pod-containers.ts";
import type { PodParts } from "./pod-parts.ts";
import { graceOf } from "./pod-terminator.ts";
import type { RestartBackoff } from "./restart-backoff.ts";
import type { StartHolds } from "./start-holds.ts";

/** What is done to a container belongs to this state of its pod. */
export interface WorkContext {
  readonly pod: Pod;
  readonly actual: PodActual;
  readonly handler: RuntimeHandler;
  /** Gives starts up. */
  readonly signal: AbortSignal;
  /** Cuts the grace of kills short. */
  readonly hurry: AbortSignal;
}

/** Carries out decisions on single containers and remembers what came of them. */
export class PodContainerWork {
  readonly #parts: PodParts;
  readonly #backoff: RestartBackoff;
  readonly #holds: StartHolds;

  constructor(parts: PodParts, backoff: RestartBackoff, holds: StartHolds) {
    this.#parts = parts;
    this.#backoff = backoff;
    this.#holds = holds;
  }

  /** Rejects only for what is not the container's own failure: that one is held, with its reason. */
  async start(context: WorkContext, decision: StartDecision, sandbox: ActualSandbox): Promise<void> {
    const { pod, actual, handler } = context;
    const { name } = decision.container.spec;
    if (decision.restart) this.#backoff.recordRestart(name, this.#parts.clock.now());
    const target = pod.spec?.ephemeralContainers?.find((spec) => spec.name === name)?.targetContainerName;
    try {
      await this.#parts.starter.start({
        pod,
        decision,
        handler,
        sandboxId: sandbox.id,
        sandbox: this.#parts.sandboxes.config(pod, sandbox.attempt, handler),
        podIps: pod.spec?.hostNetwork ? this.#parts.hostIps() : sandbox.ips,
        target: target === undefined ? undefined : newestContainer(actual, target)?.id,
        signal: context.signal,
      });
      this.#holds.clear(name);
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      this.#holds.hold(name, error, this.#parts.clock.now());
      if (error.reason === "PostStartHookError") await this.#killAfterHook(context, decision, error.message);
    }
  }

  kill(context: WorkContext, kill: KillDecision): Promise<void> {
    const { spec } = kill.container;
    const probe = kill.reason === "startup" ? spec.startupProbe : spec.livenessProbe;
    const failedProbe = kill.reason === "startup" || kill.reason === "liveness";
    const own = failedProbe ? probe?.terminationGracePeriodSeconds : undefined;
    return this.#parts.killer.kill({
      pod: context.pod,
      handler: context.handler,
      containerId: kill.id,
      containerName: spec.name,
      spec,
      podIp: context.actual.sandboxes[0]?.ips[0] ?? "127.0.0.1",
      message: kill.message,
      graceMs: own === undefined ? graceOf(context.pod) : own * 1000,
      hurry: context.hurry,
    });
  }

  async #killAfterHook(context: WorkContext, { container }: StartDecision, why: string): Promise<void> {
    const actual = await readPodActual(context.handler.cri, podUid(context.pod));
    const running = newestContainer(actual, container.spec.name);
    if (running?.phase !== "running") return;
    await this.kill(context, {
      id: running.id,
      container,
      reason: "changed",
      message: `Stopping container ${container.spec.name}: its postStart hook failed: ${why}`,
    });
  }
}
