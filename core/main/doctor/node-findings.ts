import { type Feature } from "@berth/linux";
import type { PluginInstance } from "../../api/index.ts";
import type { Finding } from "./finding.ts";

/** A process as the doctor saw it. */
export interface SeenProcess {
  readonly pid: number;
  readonly command: string;
}

/** What was read on the machine, before anything is judged. */
export interface NodeEvidence {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** When the machine was started, by its clock as it is now. */
  readonly bootedAt: number;
  readonly features: readonly Feature[];
  readonly lock: {
    readonly path: string;
    readonly holder: SeenProcess | undefined;
    readonly isCore: boolean;
  };
  readonly certificates: readonly { readonly file: string; readonly notAfter: number }[];
  /** Sockets in the folders where plugins register themselves. */
  readonly sockets: readonly { readonly path: string; readonly isServed: boolean }[];
  /** Processes that were started as plugins of this node, their children left out. */
  readonly processes: readonly (SeenProcess & {
    readonly instance: string;
    readonly bootMs: number;
    readonly parentPid: number;
  })[];
}

const certificateFix =
  "restart the core: it makes what has expired anew; fetch the new admin.conf from the data directory";

/** A step of the clock that no adjustment by small steps explains. */
const jumpMs = 30_000;

export function lockFindings({ lock }: NodeEvidence): Finding[] {
  const { path, holder, isCore } = lock;
  if (!holder || isCore) return [];
  return [
    {
      fault: "stale-lock",
      about: path,
      cause: `process ${holder.pid} (${holder.command}) holds the lock, and it is no core`,
      fix: `end that process: kill ${holder.pid}`,
      owner: "operator",
    },
  ];
}

export function certificateFindings({ certificates, now }: NodeEvidence): Finding[] {
  return certificates
    .filter(({ notAfter }) => notAfter <= now)
    .slice(0, 1)
    .map(({ file, notAfter }) => ({
      fault: "expired-certificate",
      about: file,
      cause: `it was valid until ${new Date(notAfter).toISOString()}`,
      fix: certificateFix,
      owner: "operator",
    }));
}

export function socketFindings({ sockets }: NodeEvidence): Finding[] {
  return sockets
    .filter(({ isServed }) => !isServed)
    .map(({ path }) => ({
      fault: "stale-socket",
      about: path,
      cause: "the socket is there, but nobody serves on it: whoever made it has ended without removing it",
      fix: `start that plugin again, or remove the socket: rm ${path}`,
      owner: "operator",
    }));
}

/** Undefined `instances`: no core answers, and no plugin process has anybody to belong to. */
export function orphanFindings(
  { processes, lock }: NodeEvidence,
  instances: readonly PluginInstance[] | undefined,
): Finding[] {
  if (instances === undefined && lock.isCore) return [];
  const known = new Set((instances ?? []).map(({ status }) => status?.pid));
  return (
    processes
      // A child of the core is one that it is about to tell of.
      .filter(({ pid, parentPid }) => !known.has(pid) && !(lock.isCore && parentPid === lock.holder?.pid))
      .map(({ pid, command, instance }) => ({
        fault: "orphaned-process",
        about: `process ${pid} of ${instance}`,
        cause: `${command} was started as a plugin of this node, and no core supervises it`,
        fix: instances ? `end it: kill ${pid}` : `start the core, which adopts it, or end it: kill ${pid}`,
        owner: "operator",
      }))
  );
}

/** A process's start by the kernel's count and by the clock that the node had then must be the same moment. */
export function clockFindings(
  { processes, bootedAt }: NodeEvidence,
  instances: readonly PluginInstance[],
): Finding[] {
  for (const { pid, bootMs } of processes) {
    const { status } = instances.find((one) => one.status?.pid === pid) ?? {};
    if (status?.startedAt === undefined) continue;
    const jump = bootedAt + bootMs - Date.parse(status.startedAt);
    if (Math.abs(jump) < jumpMs) continue;
    const seconds = Math.round(Math.abs(jump) / 1000);
    return [
      {
        fault: "clock-jump",
        about: "the machine's clock",
        cause: `it was set ${jump > 0 ? "forward" : "back"} by ${seconds} s since process ${pid} was started`,
        fix: "let a time service (chrony, systemd-timesyncd) keep the clock, and restart the core once it is right",
        owner: "operator",
      },
    ];
  }
  return [];
}
