import { rm } from "node:fs/promises";
import { BerthError, Emitter, errorMessage, exponentialBackoff, pause } from "@berth/base";
import { unmountUnder } from "@berth/linux";
import { daemonFailed } from "../errors.ts";
import { endProcess } from "../launch/end-process.ts";
import type { ManagedProcess, ProcessOutcome } from "../launch/managed-process.ts";
import { removeWhenEmpty } from "../launch/plugin-groups.ts";
import { readLogTail } from "../launch/process-logs.ts";
import { socketServer } from "../launch/socket-server.ts";
import { aborted } from "../supervise/wake-call.ts";
import { type DaemonParts, findDaemon, lastLog, launchDaemon, termPatienceMs } from "./launch-daemon.ts";

const readyWithinMs = 30_000;
const lookEveryMs = 10;

/** Keeps one daemon alive: adopts it, or starts it, and starts it again with back-off when it ends. */
export class DaemonKeeper {
  readonly #parts: DaemonParts;
  readonly #changed = new Emitter<void>();
  readonly #stop = new AbortController();
  #process: ManagedProcess | undefined;
  #notReadyReason = "not started yet";
  #loop: Promise<void> = Promise.resolve();

  readonly onDidChange = this.#changed.event;

  constructor(parts: DaemonParts) {
    this.#parts = parts;
  }

  get socket(): string {
    return this.#parts.socket;
  }

  /** Empty when it serves. */
  get notReadyReason(): string {
    return this.#notReadyReason;
  }

  get pid(): number | undefined {
    return this.#process?.identity.pid;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async leave(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /**
   * Ends it and what it started: shims and their containers live in its group. Without patience it is not asked. What it had no
   * time to unmount is taken away: deleting through a mount would delete what is mounted.
   */
  async teardown(patienceMs = termPatienceMs): Promise<void> {
    await this.leave();
    const { clock, group, logger, records, id, folders } = this.#parts;
    if (this.#process) await endProcess(this.#process, clock, patienceMs);
    group?.killAll();
    if (group) await removeWhenEmpty(group);
    records.delete(id);
    const left = [folders.run, folders.state].flatMap(unmountUnder).map(({ target }) => target);
    if (left.length > 0) logger.warn("a daemon left mounts, which are taken away", { mounts: left });
    await rm(folders.run, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const backoff = exponentialBackoff({ baseMs: 250, capMs: 30_000 });
    while (!signal.aborted) {
      try {
        const own = this.#living() ?? (await this.#launch());
        this.#process = own;
        await this.#untilReady(own);
        backoff.reset();
        const outcome = await Promise.race([own.ended, aborted(signal)]);
        if (!outcome) return;
        this.#process = undefined;
        throw this.#failure(`ended: ${howItEnded(outcome)}`);
      } catch (error) {
        if (signal.aborted) return;
        await this.#complain(error, backoff.next());
      }
    }
  }

  #living(): ManagedProcess | undefined {
    return this.#process?.hasEnded === false ? this.#process : findDaemon(this.#parts);
  }

  #launch(): Promise<ManagedProcess> {
    this.#set("starting");
    return launchDaemon(this.#parts);
  }

  async #untilReady(own: ManagedProcess): Promise<void> {
    const { clock, socket } = this.#parts;
    const until = clock.monotonic() + readyWithinMs;
    while (!(await socketServer(socket))) {
      if (own.hasEnded) throw this.#failure(`ended before it served: ${howItEnded(await own.ended)}`);
      if (clock.monotonic() > until) {
        await endProcess(own, clock, termPatienceMs);
        throw this.#failure(`does not serve on ${socket} after ${readyWithinMs / 1000} s`);
      }
      await clock.sleep(lookEveryMs, this.#stop.signal);
    }
    this.#set("");
  }

  async #complain(error: unknown, delayMs: number): Promise<void> {
    const { logger, clock } = this.#parts;
    const tail = await readLogTail(lastLog(this.#parts), 512);
    logger.warn("daemon failed", { error: errorMessage(error), tail, delayMs });
    this.#set(`${errorMessage(error)}${tail ? `; its last words: ${tail}` : ""}`);
    await pause(clock, delayMs, this.#stop.signal);
  }

  #failure(what: string): BerthError {
    return new BerthError(daemonFailed, `${this.#parts.id} ${what}`);
  }

  #set(reason: string): void {
    if (reason === this.#notReadyReason) return;
    this.#notReadyReason = reason;
    this.#changed.fire();
  }
}

function howItEnded({ signal, exitCode }: ProcessOutcome): string {
  return signal ?? `exit code ${exitCode ?? "unknown"}`;
}
