import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readFileSync, closeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { BerthError } from "@berth/base";
import type { Kubectl } from "./kubectl.ts";

const coreEnded = BerthError.define({
  code: "BERTH_UP_CORE_ENDED",
  grpc: "UNAVAILABLE",
  http: 503,
  owner: "operator",
  next: "Read the lines of the core's log quoted in the message; `berth doctor` checks the machine.",
});

/** The core as a process of its own: it can be killed and started again under its pods. */
export class CoreProcess {
  readonly logFile: string;
  readonly #command: readonly string[];
  readonly #kubectl: Kubectl;
  readonly #kubeconfig: string;
  #child: ChildProcess | undefined;

  /** `command` starts the core in the foreground; its output goes to `logFile`, never to a pipe that could break. */
  constructor(options: {
    command: readonly string[];
    logFile: string;
    kubectl: Kubectl;
    kubeconfig: string;
  }) {
    this.#command = options.command;
    this.logFile = options.logFile;
    this.#kubectl = options.kubectl;
    this.#kubeconfig = options.kubeconfig;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the API server says that it is ready; rejects with the log's end when the core ends before. */
  async start(): Promise<void> {
    const log = openSync(this.logFile, "a", 0o600);
    const [program, ...args] = this.#command;
    const child = spawn(program!, args, { stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    this.#child = child;
    const ended = once(child, "exit").then(([code, signal]: (number | string | null)[]) => {
      throw new BerthError(
        coreEnded,
        `the core ended with ${signal ?? `exit code ${code}`}:\n${this.logTail()}`,
      );
    });
    const ready = this.#untilReady(child);
    await Promise.race([ended, ready]);
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    while (child.exitCode === null && child.signalCode === null) {
      if (existsSync(this.#kubeconfig) && (await this.#answers())) return;
      await sleep(100);
    }
  }

  #answers(): Promise<boolean> {
    return this.#kubectl.run(["get", "--raw", "/readyz"], { timeoutMs: 5000 }).then(
      (text) => text.trim() === "ok",
      () => false,
    );
  }

  /** kill -9: no handler runs, nothing is cleaned up. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Asks the core to take down everything it made and waits for its end; answers its exit code. */
  async stop(): Promise<number | null> {
    return this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  logTail(lines = 12): string {
    return existsSync(this.logFile)
      ? readFileSync(this.logFile, "utf8").trim().split("\n").slice(-lines).join("\n")
      : "";
  }
}
