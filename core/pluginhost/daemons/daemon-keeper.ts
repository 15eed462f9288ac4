import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  BerthError,
  type Clock,
  Emitter,
  errorMessage,
  exponentialBackoff,
  type Logger,
  pause,
} from "@berth/base";
import {
  type Cgroup,
  identifyProcess,
  type ProcessIdentity,
  type ProcessWatcher,
  readCommandLine,
  unmountUnder,
} from "@berth/linux";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import { daemonFailed } from "../errors.ts";
import { endProcess } from "../launch/end-process.ts";
import { launchCommand } from "../launch/launch-command.ts";
import { adoptedProcess, type ManagedProcess } from "../launch/managed-process.ts";
import { removeWhenEmpty } from "../launch/plugin-groups.ts";
import { pruneLogs, readLogEnd, spawnLogged } from "../launch/spawn-logged.ts";
import { logTail } from "../supervise/last-cause.ts";
import { aborted, WakeCall } from "../supervise/wake-call.ts";
import { accepts } from "./socket-accepts.ts";

/** What a new host needs to find a daemon that a former one started. */
export interface DaemonRecord {
  readonly identity: ProcessIdentity;
  readonly number: number;
  /** Of command and files: a daemon of another definition is started again. */
  readonly definition: string;
}

export interface DaemonKeeperParts {
  readonly id: string;
  readonly declaredBy: string;
  readonly folders: { readonly state: string; readonly run: string; readonly files: string };
  readonly logs: string;
  readonly command: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly socket: string;
  readonly group: Cgroup | undefined;
  readonly records: Bucket<DaemonRecord>;
  readonly watcher: ProcessWatcher;
  readonly clock: Clock;
  readonly logger: Logger;
}

const readyWithinMs = 30_000;
const lookEveryMs = 10;
const termPatienceMs = 10_000;
const keptLogs = 5;

/** Keeps one daemon alive: adopts it, or starts it, and starts it again with back-off when it ends. */
export class DaemonKeeper {
  readonly #parts: DaemonKeeperParts;
  readonly #changed = new Emitter<void>();
  readonly #stopped = new WakeCall();
  readonly #stop: AbortSignal = this.#stopped.next;
  #process: ManagedProcess | undefined;
  #notReadyReason = "not started yet";
  #loop: Promise<void> = Promise.resolve();

  readonly onDidChange = this.#changed.event;

  constructor(parts: DaemonKeeperParts) {
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
    this.#stopped.call();
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
    const backoff = exponentialBackoff({ baseMs: 250, capMs: 30_000 });
    while (!this.#stop.aborted) {
      try {
        const own = this.#adopt() ?? (await this.#launch());
        this.#process = own;
        await this.#untilReady(own);
        backoff.reset();
        const outcome = await Promise.race([own.ended, aborted(this.#stop)]);
        if (!outcome) return;
        const { signal, exitCode } = outcome;
        this.#process = undefined;
        throw new BerthError(
          daemonFailed,
          `${this.#parts.id} ended: ${signal ?? `exit code ${exitCode ?? "unknown"}`}`,
        );
      } catch (error) {
        if (this.#stop.aborted) return;
        await this.#complain(error, backoff.next());
      }
    }
  }

  async #complain(error: unknown, delayMs: number): Promise<void> {
    const { logger, clock } = this.#parts;
    const tail = logTail(await readLogEnd(this.#logFile(this.#number)), 512);
    logger.warn("daemon failed", { error: errorMessage(error), tail, delayMs });
    this.#set(`${errorMessage(error)}${tail ? `; its last words: ${tail}` : ""}`);
    await pause(clock, delayMs, this.#stop);
  }

  get #number(): number {
    return this.#parts.records.get(this.#parts.id)?.number ?? 0;
  }

  get #definition(): string {
    const { command, files } = this.#parts;
    return createHash("sha256")
      .update(JSON.stringify([command, files]))
      .digest("hex");
  }

  #logFile(number: number): string {
    return join(this.#parts.logs, `${number}.log`);
  }

  #adopt(): ManagedProcess | undefined {
    const { records, id, watcher, logger } = this.#parts;
    if (this.#process && !this.#process.hasEnded) return this.#process;
    const record = records.get(id);
    const found = record && adoptedProcess(record.identity, watcher);
    if (!found) return undefined;
    logger.info("daemon adopted", { pid: found.identity.pid });
    if (record.definition !== this.#definition) {
      logger.warn("daemon runs with a former definition; the new one takes effect at its next start");
    }
    return found;
  }

  async #launch(): Promise<ManagedProcess> {
    const { id, folders, files, command, group, records, logs, socket } = this.#parts;
    this.#set("starting");
    for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folders.files, name), text, { mode: 0o600 });
    }
    await rm(socket, { force: true });
    group?.create();
    await this.#endStrays();
    const number = this.#number + 1;
    const launch = launchCommand({
      command,
      cgroupFolders: group?.folders ?? [],
      dieWithHost: false,
      uid: undefined,
      capabilities: undefined,
      namespaces: [],
    });
    const { PATH, LANG, TZ } = process.env;
    const env = {
      PATH: PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
      ...(LANG ? { LANG } : {}),
      ...(TZ ? { TZ } : {}),
    };
    const own = await spawnLogged({ ...launch, env, folder: folders.state, log: this.#logFile(number) });
    try {
      records.put(id, { identity: own.identity, number, definition: this.#definition });
    } catch (error) {
      // Nobody would know of it, and it would keep its files locked against the next one.
      own.signal("SIGKILL");
      await own.ended;
      throw error;
    }
    await pruneLogs(logs, keptLogs);
    return own;
  }

  /** One that was started when the host died, before it was recorded. What the daemon itself started is left alone. */
  async #endStrays(): Promise<void> {
    const { command, group, watcher, clock, logger } = this.#parts;
    for (const pid of group?.listPids() ?? []) {
      if (!isCommand(command, readCommandLine(pid))) continue;
      const identity = identifyProcess(pid);
      const stray = identity && adoptedProcess(identity, watcher);
      if (!stray) continue;
      logger.warn("a daemon that nobody recorded is ended", { pid });
      await endProcess(stray, clock, termPatienceMs);
    }
  }

  async #untilReady(own: ManagedProcess): Promise<void> {
    const { clock, socket, id } = this.#parts;
    const until = clock.monotonic() + readyWithinMs;
    while (!(await accepts(socket))) {
      if (own.hasEnded) {
        const { exitCode, signal } = await own.ended;
        throw new BerthError(
          daemonFailed,
          `${id} ended before it served: ${signal ?? `exit code ${exitCode ?? "unknown"}`}`,
        );
      }
      if (clock.monotonic() > until) {
        await endProcess(own, clock, termPatienceMs);
        throw new BerthError(
          daemonFailed,
          `${id} does not serve on ${socket} after ${readyWithinMs / 1000} s`,
        );
      }
      await clock.sleep(lookEveryMs, this.#stop);
    }
    this.#set("");
  }

  #set(reason: string): void {
    if (reason === this.#notReadyReason) return;
    this.#notReadyReason = reason;
    this.#changed.fire();
  }
}

/** A program may have been found under another path than it was called by. */
function isCommand(wanted: readonly string[], found: readonly string[] | undefined): boolean {
  const [program = "", ...rest] = found ?? [];
  return basename(program) === basename(wanted[0] ?? "") && isDeepStrictEqual(rest, wanted.slice(1));
}
