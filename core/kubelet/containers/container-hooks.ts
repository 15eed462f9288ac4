import { BerthError, type Clock, errorMessage } from "@berth/base";
import type { Container, LifecycleHandler } from "../../api/index.ts";
import type { RuntimeService } from "../../pluginhost/contracts/index.ts";
import { hookError } from "../errors.ts";
import type { HttpProber } from "../probes/http-probe.ts";
import { resolvePort } from "../probes/probe-target.ts";

export interface HookTarget {
  readonly cri: RuntimeService;
  readonly containerId: string;
  readonly container: Container;
  /** Address for HTTP hooks that name no host. */
  readonly podIp: string;
}

const outputLimit = 1024;

/** Runs postStart and preStop hooks. */
export class ContainerHooks {
  readonly #clock: Clock;
  readonly #http: HttpProber;

  constructor(parts: { clock: Clock; http: HttpProber }) {
    this.#clock = parts.clock;
    this.#http = parts.http;
  }

  /** Rejects with hookError when the hook fails, or with the signal's reason. */
  async run(hook: LifecycleHandler, target: HookTarget, signal: AbortSignal): Promise<void> {
    const { container } = target;
    if (hook.sleep) return this.#clock.sleep((hook.sleep.seconds ?? 0) * 1000, signal);
    if (hook.exec) return this.#exec(hook.exec.command ?? [], target, signal);
    if (hook.httpGet) {
      const port = resolvePort(container, hook.httpGet.port);
      if (port === undefined)
        throw new BerthError(
          hookError,
          `port "${hook.httpGet.port}" names no port of container ${container.name}`,
        );
      const result = await this.#http.get(hook.httpGet, { host: target.podIp, port, signal });
      if (!result.success) throw new BerthError(hookError, result.message);
      return;
    }
    throw new BerthError(
      hookError,
      `lifecycle hook of container ${container.name} has no exec, httpGet or sleep`,
    );
  }

  async #exec(command: readonly string[], target: HookTarget, signal: AbortSignal): Promise<void> {
    const answer = await target.cri
      .execSync({ container_id: target.containerId, cmd: [...command], timeout: 0 }, { signal })
      .catch((error: unknown) => {
        throw new BerthError(
          hookError,
          `command "${command.join(" ")}" could not be run: ${errorMessage(error)}`,
          { cause: error },
        );
      });
    if (answer.exit_code === 0) return;
    const output = Buffer.concat([answer.stdout, answer.stderr])
      .toString("utf8")
      .slice(0, outputLimit)
      .trim();
    throw new BerthError(
      hookError,
      `command "${command.join(" ")}" exited with ${answer.exit_code}${output ? `: ${output}` : ""}`,
    );
  }
}
