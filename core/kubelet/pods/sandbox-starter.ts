import { errorMessage } from "@berth/base";
import type { PodSandboxConfig } from "@berth/proto/generated/cri/runtime/v1/PodSandboxConfig.ts";
import type { Pod } from "../../api/index.ts";
import type { PodActual } from "../actual/pod-actual.ts";
import { sandboxConfig, type SandboxSettings } from "../config/sandbox-config.ts";
import type { PodEvents } from "../events/pod-events.ts";
import { type RuntimeHandler, VerbError } from "../../pluginhost/contracts/index.ts";

import type { PodGround } from "./pod-parts.ts";

/** Makes the folders, control groups and the like that a sandbox needs on the node. */
export interface SandboxGround {
  prepare(pod: Pod): Promise<void>;
}

/** Makes and ends pod sandboxes. */
export class SandboxStarter {
  readonly #events: PodEvents;
  readonly #ground: SandboxGround;
  readonly #settings: (handler: RuntimeHandler) => SandboxSettings;

  constructor(parts: {
    events: PodEvents;
    ground: SandboxGround;
    settings: (handler: RuntimeHandler) => SandboxSettings;
  }) {
    this.#events = parts.events;
    this.#ground = parts.ground;
    this.#settings = parts.settings;
  }

  config(pod: Pod, attempt: number, handler: RuntimeHandler): PodSandboxConfig {
    return sandboxConfig(pod, attempt, this.#settings(handler));
  }

  /** Ends what is left of former sandboxes and makes a new one. Rejects with VerbError or configError. */
  async start(pod: Pod, attempt: number, handler: RuntimeHandler, actual: PodActual): Promise<string> {
    try {
      await this.stop(handler, actual);
      await this.#ground.prepare(pod);
      const answer = await handler.cri.runPodSandbox({
        config: this.config(pod, attempt, handler),
        runtime_handler: handler.criHandler,
      });
      if (attempt > 0) {
        this.#events.record(pod, {
          type: "Normal",
          reason: "SandboxChanged",
          message: "Pod sandbox changed, it will be killed and re-created.",
        });
      }
      return answer.pod_sandbox_id;
    } catch (error) {
      this.#events.record(pod, {
        type: "Warning",
        reason: "FailedCreatePodSandBox",
        message: `Failed to create pod sandbox, it is tried again: ${errorMessage(error)}`,
      });
      throw error;
    }
  }

  /** Ends containers at once and takes the network of all sandboxes away; they stay listed until removed. */
  async stop(handler: RuntimeHandler, actual: PodActual): Promise<void> {
    const running = actual.containers.filter((container) => container.phase === "running");
    await Promise.all(
      running.map((container) =>
        ignoreGone(handler.cri.stopContainer({ container_id: container.id, timeout: 0 })),
      ),
    );
    await Promise.all(
      actual.sandboxes.map((sandbox) =>
        ignoreGone(handler.cri.stopPodSandbox({ pod_sandbox_id: sandbox.id })),
      ),
    );
  }

  /** Removes what nobody asks for any more, with its logs. */
  async tidy(
    { handler, pod }: { handler: RuntimeHandler; pod: Pod },
    old: PodActual,
    ground: Pick<PodGround, "forgetContainer">,
  ): Promise<void> {
    await this.remove(handler, old);
    for (const container of old.containers) await ground.forgetContainer(pod, container);
  }

  /** Removes containers and sandboxes for good. */
  async remove(handler: RuntimeHandler, actual: PodActual): Promise<void> {
    await Promise.all(
      actual.containers.map((container) =>
        ignoreGone(handler.cri.removeContainer({ container_id: container.id })),
      ),
    );
    await Promise.all(
      actual.sandboxes.map((sandbox) =>
        ignoreGone(handler.cri.removePodSandbox({ pod_sandbox_id: sandbox.id })),
      ),
    );
  }
}

export async function ignoreGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof VerbError && error.code === "NOT_FOUND")) throw error;
  }
}
