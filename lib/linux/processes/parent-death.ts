import { constants } from "node:os";
import { checked } from "../linux-error.ts";
import { libc } from "../libc.ts";

const setParentDeathSignal = 1;

/**
 * Wraps a command so that the kernel sends it `signal` when the thread that starts it ends. Node cannot do this
 * between fork and exec, so setpriv(1) does.
 */
export function withParentDeathSignal(
  command: string,
  args: readonly string[],
  signal: "KILL" | "TERM" = "KILL",
): { command: string; args: string[] } {
  return { command: "setpriv", args: ["--pdeathsig", signal, "--", command, ...args] };
}

/**
 * Asks the kernel to signal this process when its parent ends. False when the parent has ended already, which the
 * kernel would never report: the caller should end itself.
 */
export function dieWithParent(signal: NodeJS.Signals, expectedParentPid: number): boolean {
  checked(
    libc.prctl(setParentDeathSignal, constants.signals[signal], 0, 0, 0),
    () => "set parent-death signal",
  );
  return process.ppid === expectedParentPid;
}
