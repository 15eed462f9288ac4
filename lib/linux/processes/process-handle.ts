import { closeSync } from "node:fs";
import { constants } from "node:os";
import { checked, isErrno } from "../linux-error.ts";
import { lastErrno, libc, syscallNumber } from "../libc.ts";
import { readBootId, readStat } from "./proc.ts";

/** What can be written down about a process and recognised after a restart of the writer, or of the machine. */
export interface ProcessIdentity {
  readonly pid: number;
  /** From /proc/PID/stat. */
  readonly startTicks: string;
  readonly bootId: string;
}

/** How a process ended, where the kernel tells one that is not the parent (Linux 6.15 and later). */
export interface ProcessEnd {
  readonly exitCode?: number;
  readonly signal?: NodeJS.Signals;
}

/** The identity of a living process; undefined when there is none with this pid. A zombie counts as ended. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  if (!stat || stat.state === "Z" || stat.state === "X") return undefined;
  return { pid, startTicks: stat.startTicks, bootId: readBootId() };
}

/** True while the very same process runs: a reused pid has another start time. */
export function isSameProcessAlive(identity: ProcessIdentity): boolean {
  const now = identifyProcess(identity.pid);
  return now?.startTicks === identity.startTicks && now.bootId === identity.bootId;
}

/**
 * A process held through a pidfd: it cannot be mistaken for a later one with the same number. Close it when done;
 * closing does nothing to the process.
 */
export interface ProcessHandle {
  readonly identity: ProcessIdentity;
  /** Readable for poll(2) once the process has ended. */
  readonly fd: number;
  readonly hasEnded: boolean;
  /** False when it has ended already. */
  signal(signal: NodeJS.Signals): boolean;
  /** Undefined while it runs, and where the kernel does not tell. */
  readEnd(): ProcessEnd | undefined;
  close(): void;
}

/** Undefined when the process has ended, or when its number now belongs to another one. */
export function openProcess(target: number | ProcessIdentity): ProcessHandle | undefined {
  const identity = typeof target === "number" ? identifyProcess(target) : target;
  if (!identity) return undefined;
  const fd = openPidfd(identity.pid);
  if (fd === undefined) return undefined;
  // Looked at only after the descriptor is held: from here on the number cannot change its owner unseen.
  if (!isSameProcessAlive(identity)) {
    closeSync(fd);
    return undefined;
  }
  return new PidfdHandle(identity, fd);
}

function openPidfd(pid: number): number | undefined {
  const fd = libc.syscall(syscallNumber.pidfdOpen, pid, 0, 0, 0);
  try {
    return checked(fd, () => `open process ${pid}`);
  } catch (error) {
    if (isErrno(error, "ESRCH")) return undefined;
    throw error;
  }
}

class PidfdHandle implements ProcessHandle {
  readonly identity: ProcessIdentity;
  readonly fd: number;
  #open = true;

  constructor(identity: ProcessIdentity, fd: number) {
    this.identity = identity;
    this.fd = fd;
  }

  get hasEnded(): boolean {
    return endedAmong([this])[0] === this;
  }

  signal(signal: NodeJS.Signals): boolean {
    const number = constants.signals[signal];
    const result = libc.syscall(syscallNumber.pidfdSendSignal, this.fd, number, 0, 0);
    try {
      checked(result, () => `send ${signal} to process ${this.identity.pid}`);
      return true;
    } catch (error) {
      if (isErrno(error, "ESRCH")) return false;
      throw error;
    }
  }

  readEnd(): ProcessEnd | undefined {
    return readProcessEnd(this.fd);
  }

  close(): void {
    if (this.#open) closeSync(this.fd);
    this.#open = false;
  }
}

const pollIn = 1;
const pollEntryBytes = 8;

/** Which of these processes have ended, asked in one system call that does not wait. */
export function endedAmong<T extends Pick<ProcessHandle, "fd">>(handles: readonly T[]): T[] {
  if (handles.length === 0) return [];
  const entries = Buffer.alloc(handles.length * pollEntryBytes);
  handles.forEach((handle, index) => {
    entries.writeInt32LE(handle.fd, index * pollEntryBytes);
    entries.writeInt16LE(pollIn, index * pollEntryBytes + 4);
  });
  checked(libc.poll(entries, handles.length, 0), () => "poll process descriptors");
  return handles.filter((_, index) => entries.readInt16LE(index * pollEntryBytes + 6) !== 0);
}

/** _IOWR(0xFF, 11, 64 bytes) of <linux/pidfd.h>. */
const pidfdGetInfo = 0xc040ff0b;
const infoExit = 1 << 3;

function readProcessEnd(fd: number): ProcessEnd | undefined {
  const info = Buffer.alloc(64);
  info.writeUInt32LE(infoExit, 0);
  if (libc.ioctl(fd, pidfdGetInfo, info) < 0) {
    const absent: number[] = [constants.errno.ENOTTY, constants.errno.EINVAL, constants.errno.ESRCH];
    if (absent.includes(lastErrno())) return undefined;
    checked(-1, () => "read how a process ended");
  }
  if ((info.readUInt32LE(0) & infoExit) === 0) return undefined;
  return decodeWaitStatus(info.readInt32LE(60));
}

/** A wait(2) status as its two meanings. */
export function decodeWaitStatus(status: number): ProcessEnd {
  const number = status & 0x7f;
  if (number === 0) return { exitCode: (status >> 8) & 0xff };
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return { signal: (name ?? `SIG${number}`) as NodeJS.Signals };
}
