import { randomUUID } from "node:crypto";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BerthError, type Disposable, Emitter, errorMessage, type Logger } from "@berth/base";
import {
  type ContainerDriver,
  type ContainerRecord,
  type CriPaths,
  type ExecProcess,
  namespacePaths,
  nowNanos,
  type ProcessExit,
  type ProcessState,
  type ProcessStdio,
  type RecordStore,
  type RootfsMount,
  type RuntimeChoice,
  type RuntimeHandlerInfo,
  type SandboxRecord,
  sandboxCgroup,
  unsupported,
} from "@berth/cri";
import type { ProcessSpec } from "@berth/oci";
import type { HelperStdio } from "@berth/sdk";
import { makeBundle, makePauseBundle, programInPause, removeBundle, rootfsOf } from "./bundle.ts";
import { pauseSpec, shortId, toGvisorSpec } from "./gvisor-spec.ts";
import type { RunscCli } from "./runsc-cli.ts";
import { waitForContainer } from "./sandbox-control.ts";

export interface RunscDriverParts {
  readonly cli: RunscCli;
  readonly store: RecordStore;
  readonly paths: CriPaths;
  readonly handler: RuntimeHandlerInfo;
  /** Static busybox that holds a sandbox. */
  readonly pauseProgram: string;
  readonly log: Logger;
}

interface ListedContainer {
  id: string;
  status: string;
  pid: number;
}

/** How long runsc may take to undo what a verb that is over has begun. */
const undoMs = 10_000;

/** How long runsc may take to kill a command in a container before its own end of it is cut off. */
const killMs = 500;

/** Containers as runsc keeps them: one sandbox process a pod, that lives on when we do not. */
export class RunscDriver implements ContainerDriver, Disposable {
  readonly label = "runsc sandboxes";
  readonly hasTerminals = false;
  readonly sharesLoopback = false;
  readonly handlers: readonly RuntimeHandlerInfo[];
  readonly #parts: RunscDriverParts;
  readonly #changes = new Emitter<string | undefined>();
  readonly #stop = new AbortController();
  readonly #waits = new Map<string, Promise<void>>();
  readonly #exits = new Map<string, ProcessExit>();
  readonly #cleanUps = new Map<string, Promise<void>>();

  constructor(parts: RunscDriverParts) {
    this.#parts = parts;
    this.handlers = [parts.handler];
  }

  readonly onDidChange = this.#changes.event;

  async dispose(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled([...this.#waits.values(), ...this.#cleanUps.values()]);
  }

  runtimeOf(_handler: string): RuntimeChoice {
    return { name: "berth.runsc.v1" };
  }

  async startSandbox(sandbox: SandboxRecord, signal: AbortSignal): Promise<void> {
    const { cli, paths, pauseProgram } = this.#parts;
    const id = shortId(sandbox.id);
    const folder = paths.bundle(sandbox.id);
    const spaces = namespacePaths(sandbox, paths);
    const spec = pauseSpec({
      sandbox,
      rootfs: rootfsOf(folder),
      program: programInPause,
      namespacePaths: spaces,
      cgroupsPath: `${sandboxCgroup(sandbox)}/${sandbox.id}`,
    });
    makePauseBundle(folder, pauseProgram, spec);
    const flags = ["--network", spaces.net === undefined ? "host" : "sandbox"];
    await cli.run(["create", "--bundle", folder, id], {
      flags,
      stdio: ["ignore", "ignore", "pipe"],
      signal,
    });
    await cli.startSandbox(id, flags, signal);
  }

  async stopSandbox(sandbox: SandboxRecord, signal?: AbortSignal): Promise<void> {
    const { cli, paths } = this.#parts;
    await Promise.all([
      cli.run(["delete", "--force", shortId(sandbox.id)], { signal }),
      Promise.allSettled(this.#cleanUps.values()),
    ]);
    removeBundle(paths.bundle(sandbox.id));
  }

  async sandboxPid(sandbox: SandboxRecord): Promise<number | undefined> {
    const listed = (await this.#list()).find(({ id }) => id === shortId(sandbox.id));
    return listed && listed.pid > 0 ? listed.pid : undefined;
  }

  async start(
    _sandbox: SandboxRecord,
    container: ContainerRecord,
    rootfs: readonly RootfsMount[],
    stdio: ProcessStdio,
    signal: AbortSignal,
  ): Promise<{ pid: number }> {
    const { cli, paths, store } = this.#parts;
    if (stdio.terminal)
      throw new BerthError(
        unsupported,
        `container ${container.config.metadata?.name}: tty is not supported by cri-gvisor`,
      );
    const spec = await store.spec(container.id);
    if (!spec) throw new Error(`container ${container.id} has no specification`);
    const folder = paths.bundle(container.id);
    makeBundle(folder, rootfs, toGvisorSpec(spec, rootfsOf(folder)));
    const id = shortId(container.id);
    const files = openStdio(stdio, "r+");
    try {
      const result = await cli.try(["run", "--detach", "--bundle", folder, id], {
        flags: ["--log", join(folder, "runsc.log")],
        stdio: files.fds,
        signal,
      });
      if (result.exitCode !== 0) throw new BerthError(unsupported, startFailure(folder, container));
    } catch (error) {
      await this.#undoStart(container);
      throw error;
    } finally {
      files.close();
    }
    this.#watch(container);
    return { pid: 0 };
  }

  async #undoStart(container: ContainerRecord): Promise<void> {
    const { cli, log, paths } = this.#parts;
    try {
      await cli.try(["delete", "--force", shortId(container.id)], { signal: AbortSignal.timeout(undoMs) });
    } catch (error) {
      log.warn(
        "a container that failed to start could not be cleared away; that is tried again when it is removed",
        {
          container: container.id,
          error: errorMessage(error),
        },
      );
    }
    removeBundle(paths.bundle(container.id));
  }

  #watch(container: ContainerRecord): void {
    if (this.#waits.has(container.id) || this.#stop.signal.aborted) return;
    const wait = this.#waitOnce(container).finally(() => this.#waits.delete(container.id));
    this.#waits.set(container.id, wait);
  }

  async #waitOnce(container: ContainerRecord): Promise<void> {
    const sandbox = shortId(container.sandboxId);
    const answer = await waitForContainer(
      this.#parts.cli.root,
      sandbox,
      shortId(container.id),
      this.#stop.signal,
    );
    if (this.#stop.signal.aborted) return;
    if (answer) this.#exits.set(container.id, { exitCode: answer.exitCode, exitedAt: nowNanos() });
    this.#changes.fire(container.id);
  }

  async kill(
    container: ContainerRecord,
    number: number,
    all: boolean,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { cli } = this.#parts;
    const args = ["kill", ...(all ? ["--all"] : []), shortId(container.id), String(number)];
    const result = await cli.try(args, { signal });
    return result.exitCode === 0;
  }

  async delete(container: ContainerRecord, signal?: AbortSignal): Promise<ProcessExit | undefined> {
    const pending = this.#cleanUps.get(container.id);
    const exit = this.#exits.get(container.id);
    const isAwaited = !exit || pending !== undefined;
    const cleanUp = pending ?? this.#cleanUp(container, isAwaited ? signal : undefined);
    if (isAwaited) {
      await cleanUp;
      this.#exits.delete(container.id);
      return exit;
    }
    // Its output is complete when it has ended, and runsc can take seconds to notice that its helpers have: nobody waits
    // for that who only wants to know how it ended.
    cleanUp.catch((error: unknown) =>
      this.#parts.log.warn("an ended container could not be cleared away yet", {
        container: container.id,
        error: errorMessage(error),
      }),
    );
    return exit;
  }

  #cleanUp(container: ContainerRecord, signal: AbortSignal | undefined): Promise<void> {
    const { cli, paths } = this.#parts;
    const run = async (): Promise<void> => {
      try {
        await cli.run(["delete", "--force", shortId(container.id)], { signal });
        removeBundle(paths.bundle(container.id));
      } finally {
        this.#cleanUps.delete(container.id);
      }
    };
    const cleanUp = run();
    this.#cleanUps.set(container.id, cleanUp);
    return cleanUp;
  }

  async state(container: ContainerRecord): Promise<ProcessState | undefined> {
    return this.#stateFrom(container.id, await this.#list(), container);
  }

  async list(): Promise<Map<string, ProcessState>> {
    const { containers } = await this.#parts.store.load();
    const listed = await this.#list();
    const states = new Map<string, ProcessState>();
    for (const container of containers) {
      const state = await this.#stateFrom(container.id, listed, container);
      if (state) states.set(container.id, state);
    }
    return states;
  }

  async #stateFrom(
    id: string,
    listed: readonly ListedContainer[],
    container: ContainerRecord,
  ): Promise<ProcessState | undefined> {
    const seen = this.#exits.get(id);
    if (seen) return { phase: "exited", ...seen };
    const found = listed.find((entry) => entry.id === shortId(id));
    if (!found) return undefined;
    if (found.status === "running") {
      this.#watch(container);
      return { phase: "running", pid: Math.max(0, found.pid) };
    }
    if (found.status !== "stopped") return { phase: "created", pid: 0 };
    // Ended while nobody waited: its sandbox still knows how, if it lives.
    await (this.#waits.get(id) ?? this.#waitOnce(container));
    const exit = this.#exits.get(id);
    return exit && { phase: "exited", ...exit };
  }

  async #list(): Promise<ListedContainer[]> {
    return (
      (JSON.parse(await this.#parts.cli.run(["list", "--format", "json"])) as ListedContainer[] | null) ?? []
    );
  }

  async exec(container: ContainerRecord, process: ProcessSpec, stdio: ProcessStdio): Promise<ExecProcess> {
    const { cli, paths } = this.#parts;
    if (stdio.terminal) throw new BerthError(unsupported, "a terminal is not supported by cri-gvisor");
    const id = shortId(container.id);
    const base = join(paths.bundle(container.id), `exec-${randomUUID()}`);
    writeFileSync(`${base}.json`, JSON.stringify(process));
    const files = openStdio(stdio, "r");
    const args = ["exec", "--process", `${base}.json`, "--internal-pid-file", `${base}.pid`, id];
    const command = cli.spawn(args, files.fds);
    files.close();
    const exit = command.exit.then((exitCode) => ({ exitCode, exitedAt: nowNanos() }));
    const cleaned = exit.finally(() => {
      for (const ending of ["json", "pid"]) rmSync(`${base}.${ending}`, { force: true });
    });
    return {
      pid: 0,
      exit: cleaned,
      kill: async (signal) => {
        const pid = readInternalPid(`${base}.pid`);
        const limit = AbortSignal.timeout(killMs);
        try {
          if (pid !== undefined) await cli.try(["kill", "--pid", pid, id, String(signal)], { signal: limit });
        } finally {
          command.kill();
        }
      },
      resize: () => Promise.resolve(),
      closeStdin: () => Promise.resolve(),
    };
  }

  resize(): Promise<void> {
    return Promise.reject(new BerthError(unsupported, "a terminal is not supported by cri-gvisor"));
  }

  closeStdin(container: ContainerRecord): Promise<void> {
    const { name } = container.config.metadata!;
    const sentence = `container ${name}: its input stays open, stdinOnce is not supported by cri-gvisor`;
    return Promise.reject(new BerthError(unsupported, sentence));
  }

  updateResources(): Promise<void> {
    return Promise.reject(
      new BerthError(
        unsupported,
        "a gVisor pod is limited as a whole, by its pod's control group; a single container cannot be",
      ),
    );
  }
}

/**
 * `stdinFlags` "r+" opens both directions of a FIFO, so that its reader sees no end when a writer goes: a container can be
 * attached to again. "r" lets the end through.
 */
function openStdio(stdio: ProcessStdio, stdinFlags: "r" | "r+"): { fds: HelperStdio; close(): void } {
  const opened: number[] = [];
  const open = (path: string, flags: string): number | "ignore" => {
    if (path === "") return "ignore";
    const fd = openSync(path, flags);
    opened.push(fd);
    return fd;
  };
  return {
    fds: [open(stdio.stdin, stdinFlags), open(stdio.stdout, "a"), open(stdio.stderr, "a")],
    close: () => opened.forEach((fd) => closeSync(fd)),
  };
}

function readInternalPid(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

function startFailure(folder: string, container: ContainerRecord): string {
  let words = "";
  try {
    const lines = readFileSync(join(folder, "runsc.log"), "utf8").split("\n");
    words = lines.findLast((line) => /fail|error|cannot/i.test(line)) ?? "";
  } catch {
    words = "runsc left no log";
  }
  return `container ${container.config.metadata?.name} could not be started: ${words}`;
}
