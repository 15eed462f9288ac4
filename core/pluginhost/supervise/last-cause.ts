import type { LastCause } from "../contracts/plugin-types.ts";

/** What is known about the end of a process, gathered from wait(2) or pidfd, its cgroup and its log. */
export interface ProcessEvidence {
  readonly at: string;
  readonly incarnation: number;
  readonly pid: number;
  readonly exitCode?: number;
  readonly signal?: string;
  /** Processes that the kernel killed for memory in its group since it started. */
  readonly oomKills: number;
  readonly stderrTail: string;
  /** Why the host ended it; absent when it ended by itself. */
  readonly endedByHost?: string;
}

/** The evidence as one sentence for a person, with the parts beside it for programs. */
export function lastCause(evidence: ProcessEvidence): LastCause {
  const oomKilled = evidence.oomKills > 0 && (evidence.signal === "SIGKILL" || evidence.exitCode !== 0);
  return {
    at: evidence.at,
    incarnation: evidence.incarnation,
    pid: evidence.pid,
    ...(evidence.exitCode === undefined ? {} : { exitCode: evidence.exitCode }),
    ...(evidence.signal === undefined ? {} : { signal: evidence.signal }),
    ...(oomKilled ? { oomKilled } : {}),
    message: sentence(evidence, oomKilled),
    ...(evidence.stderrTail ? { stderrTail: evidence.stderrTail } : {}),
  };
}

function sentence(evidence: ProcessEvidence, oomKilled: boolean): string {
  const how = howItEnded(evidence);
  if (evidence.endedByHost) return `${evidence.endedByHost} (${how})`;
  return oomKilled ? `out of memory: the kernel killed it at its memory limit (${how})` : how;
}

function howItEnded(evidence: ProcessEvidence): string {
  if (evidence.signal) return `killed by ${evidence.signal}`;
  if (evidence.exitCode !== undefined) return `exit code ${evidence.exitCode}`;
  return "exit code unknown: it ended while not our child";
}
