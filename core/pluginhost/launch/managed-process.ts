import type { ChildProcess } from "node:child_process";
import { identifyProcess, openProcess, type ProcessIdentity, type ProcessWatcher } from "@berth/linux";

/** How a process ended; empty when nobody can tell any more. */
export interface ProcessOutcome {
  readonly exitCode?: number;
  readonly signal?: string;
}

/** A process the host answers for: its own child, or one that it found alive after a restart. */
export interface ManagedProcess {
  readonly identity: ProcessIdentity;
  readonly adopted: boolean;
  readonly hasEnded: boolean;
  readonly ended: Promise<ProcessOutcome>;
  /** Never reaches another process that got the same number. False when it has ended. */
  signal(signal: NodeJS.Signals): boolean;
}

/** A child of this process. It cannot be mistaken for another as long as it has not been waited for. */
export function ownProcess(child: ChildProcess): ManagedProcess | undefined {
  const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
  if (!identity) return undefined;
  let hasEnded = false;
  const ended = new Promise<ProcessOutcome>((resolve) => {
    child.once("exit", (code, signal) => {
      hasEnded = true;
      resolve({ ...(code === null ? {} : { exitCode: code }), ...(signal ? { signal } : {}) });
    });
  });
  return {
    identity,
    adopted: false,
    ended,
    get hasEnded() {
      return hasEnded;
    },
    signal: (signal) => !hasEnded && child.kill(signal),
  };
}

/** Undefined when the process has ended, or when its number belongs to another one now. */
export function adoptedProcess(
  identity: ProcessIdentity,
  watcher: ProcessWatcher,
): ManagedProcess | undefined {
  const handle = openProcess(identity);
  if (!handle) return undefined;
  let hasEnded = false;
  const ended = watcher.waitForEnd(handle).then((): ProcessOutcome => {
    hasEnded = true;
    const end = handle.readEnd() ?? {};
    handle.close();
    return end;
  });
  return {
    identity,
    adopted: true,
    ended,
    get hasEnded() {
      return hasEnded;
    },
    signal: (signal) => !hasEnded && handle.signal(signal),
  };
}
