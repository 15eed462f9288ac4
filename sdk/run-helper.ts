import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { environment } from "@berth/verbs";

/** A descriptor, nothing, or a pipe whose content is in the outcome; of stdin, stdout and stderr. */
export type HelperStdio = readonly [
  number | "ignore",
  number | "ignore" | "pipe",
  number | "ignore" | "pipe",
];

export interface HelperOptions {
  /** `call.signal` in a verb: the helper is killed when the caller gives up or the deadline passes. */
  readonly signal: AbortSignal;
  /** What it reads on its standard input; nothing without. */
  readonly input?: string;
  /** Beside PATH, LANG and TZ: the plugin's own environment holds its token. */
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of a pipe each. */
  readonly stdio?: HelperStdio;
  /**
   * It leaves processes behind on purpose, in sessions of their own: what they write to its pipes is not waited for, and
   * they do not end with it. Whoever says so undoes them when the helper is killed.
   */
  readonly leavesOthers?: boolean;
}

export interface HelperOutcome {
  /** As a shell tells it: 128 and the signal's number for one that was killed, 127 for a program that is not there. */
  readonly exitCode: number;
  /** The first MiB. */
  readonly stdout: string;
  readonly stderr: string;
}

const outputLimit = 1024 * 1024;

// A plugin that ended before the kernel was asked to tell of it is no longer the parent; nobody would end the helper.
const joinGroups =
  '[ "$PPID" = "$1" ] || exit 125; shift; while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 125; shift; done; shift; exec "$@"';

/**
 * Runs a program for the length of one call, in the plugin's control group for helpers. It ends with all that it started when
 * the signal aborts (then this rejects with the signal's reason), and with the plugin, however that ends. What must outlive
 * the call is no helper.
 */
export async function runHelper(
  command: string,
  args: readonly string[],
  { signal, input, env, stdio, leavesOthers }: HelperOptions,
): Promise<HelperOutcome> {
  signal.throwIfAborted();
  const groups = process.env[environment.helpers]?.split(":") ?? [];
  const entry = ["/bin/sh", "-c", joinGroups, "berth-helper", String(process.pid), ...groups, "--"];
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...entry, command, ...args], {
    env: { ...passedOn(), ...env },
    stdio: [...(stdio ?? (["pipe", "pipe", "pipe"] as const))],
    // A process group of its own, so that its children can be killed with it.
    detached: true,
  });
  const { promise: abandoned, reject } = Promise.withResolvers<never>();
  const abandon = (): void => {
    if (child.pid !== undefined) killGroup(child.pid);
    for (const stream of child.stdio) stream?.destroy();
    reject(signal.reason);
  };
  signal.addEventListener("abort", abandon, { once: true });
  try {
    // A program that ends before it has read everything breaks the pipe; its exit status and words say why.
    child.stdin?.on("error", () => undefined).end(input ?? "");
    const [stdout, stderr] = [gather(child.stdout), gather(child.stderr)];
    const ended = once(child, leavesOthers ? "exit" : "close") as Promise<
      [number | null, NodeJS.Signals | null]
    >;
    const [code, killedBy] = await Promise.race([ended, abandoned]);
    if (leavesOthers) await lastOutput(child);
    return {
      exitCode: code ?? 128 + constants.signals[killedBy!],
      stdout: stdout(),
      stderr: stderr(),
    };
  } finally {
    signal.removeEventListener("abort", abandon);
  }
}

function passedOn(): Record<string, string> {
  const { PATH, LANG, TZ } = process.env;
  return { ...(PATH ? { PATH } : {}), ...(LANG ? { LANG } : {}), ...(TZ ? { TZ } : {}) };
}

/** Only as long as the leader or a holder of its output lives, so that the number is still the helper's. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** What the program itself wrote is in its pipes when it ends. */
async function lastOutput(child: ChildProcess): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function gather(stream: NodeJS.ReadableStream | null): () => string {
  const parts: Buffer[] = [];
  let size = 0;
  stream?.on("data", (part: Buffer) => {
    if (size < outputLimit) parts.push(part.subarray(0, outputLimit - size));
    size += part.length;
  });
  return () => Buffer.concat(parts).toString("utf8");
}
