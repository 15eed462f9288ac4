import { type Clock, errorMessage } from "@berth/base";
import type { Container, Probe } from "../../api/index.ts";
import type { RuntimeService } from "../../pluginhost/contracts/index.ts";
import type { GrpcProber } from "./grpc-probe.ts";
import type { HttpProber, ProbeOutcome } from "./http-probe.ts";
import { resolvePort } from "./probe-target.ts";
import type { TcpProber } from "./tcp-probe.ts";

export interface ProbeTarget {
  readonly cri: RuntimeService;
  readonly containerId: string;
  readonly container: Container;
  readonly podIp: string;
}

const outputLimit = 512;
/** A timer that fires this late says that the node itself was slow. */
const ownDelayMs = 200;
const ownDelay = new Error("the node was too busy to ask");

/** Asks a container once how it is. */
export class ProbeRunner {
  readonly #clock: Clock;
  readonly #http: HttpProber;
  readonly #tcp: TcpProber;
  readonly #grpc: GrpcProber;

  constructor(parts: { clock: Clock; http: HttpProber; tcp: TcpProber; grpc: GrpcProber }) {
    this.#clock = parts.clock;
    this.#http = parts.http;
    this.#tcp = parts.tcp;
    this.#grpc = parts.grpc;
  }

  /** Undefined when the question could not be asked: that is neither success nor failure. */
  async run(probe: Probe, target: ProbeTarget, stop: AbortSignal): Promise<ProbeOutcome | undefined> {
    const seconds = probe.timeoutSeconds ?? 1;
    const limit = new AbortController();
    const end = this.#clock.monotonic() + seconds * 1000;
    const timer = this.#clock.after(seconds * 1000, () =>
      // A node too busy to notice an answer must not blame the container for it.
      limit.abort(
        this.#clock.monotonic() - end > ownDelayMs ? ownDelay : new Error(`no answer within ${seconds} s`),
      ),
    );
    try {
      return await this.#ask(probe, target, seconds, AbortSignal.any([limit.signal, stop]));
    } catch (error) {
      if (stop.aborted || limit.signal.reason === ownDelay) return undefined;
      if (limit.signal.aborted) return { success: false, message: `no answer within ${seconds} s` };
      return { success: false, message: errorMessage(error) };
    } finally {
      timer.cancel();
    }
  }

  #ask(
    probe: Probe,
    target: ProbeTarget,
    seconds: number,
    signal: AbortSignal,
  ): Promise<ProbeOutcome | undefined> {
    const host = target.podIp;
    if (probe.exec) return this.#exec(probe.exec.command ?? [], target, seconds, signal);
    const action = probe.httpGet ?? probe.tcpSocket;
    const port = action && resolvePort(target.container, action.port);
    if (action && port === undefined) {
      const message = `port "${action.port}" names no port of container ${target.container.name}`;
      return Promise.resolve({ success: false, message });
    }
    if (probe.httpGet) return this.#http.get(probe.httpGet, { host, port: port!, signal });
    if (probe.tcpSocket) {
      return this.#tcp.connect({ host: probe.tcpSocket.host || host, port: port!, signal });
    }
    if (probe.grpc)
      return this.#grpc.check({ host, port: probe.grpc.port, service: probe.grpc.service ?? "", signal });
    return Promise.resolve({ success: true, message: "" });
  }

  async #exec(
    command: readonly string[],
    target: ProbeTarget,
    seconds: number,
    signal: AbortSignal,
  ): Promise<ProbeOutcome | undefined> {
    const answer = await target.cri.execSync(
      { container_id: target.containerId, cmd: [...command], timeout: seconds },
      { signal },
    );
    const output = Buffer.concat([answer.stdout, answer.stderr])
      .toString("utf8")
      .slice(0, outputLimit)
      .trim();
    return { success: answer.exit_code === 0, message: output || `exit code ${answer.exit_code}` };
  }
}
