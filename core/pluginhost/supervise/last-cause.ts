import type { LastCause } from "../contracts/plugin-types.ts";

/** In pino's numbers. */
const warning = 40;

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

function howItEnded({ signal, exitCode, stderrTail, endedByHost }: ProcessEvidence): string {
  if (signal) return `killed by ${signal}`;
  if (exitCode === undefined) return "exit code unknown: it ended while not our child";
  if (exitCode === 0 || endedByHost) return `exit code ${exitCode}`;
  if (stderrTail === "") return `exit code ${exitCode}, its log is empty`;
  const words = lastWords(stderrTail);
  return words === undefined ? `exit code ${exitCode}` : `exit code ${exitCode}: ${words}`;
}

/** How the sentence of an error begins in a log: "TypeError: ", "grpc.RpcError: ", "panic: ". */
const errorLine = /^(?:Uncaught )?(?:[\w.]*(?:Error|Exception)\b|panic: |fatal)/i;
/** What a runtime prints around that sentence: stack, marks, its version. */
const noise = /^(?:\s+at |Node\.js v|[\s^~(){}[\];,]*$|\s+code: )/;
/** Where Node found it, before the sentence. */
const place = /^file:\/\/\S*\/([^/\s]+:\d+)$/;

/** The line in the end of a log that says most about why the process ended, at most 200 characters. */
export function lastWords(tail: string): string | undefined {
  const lines = tail.split("\n").map(spoken);
  const line = lines.findLast((one) => errorLine.test(one)) ?? lines.findLast((one) => !noise.test(one));
  if (line === undefined) return undefined;
  const words = line.trim();
  const where = lines.findLast((one) => place.test(one));
  const at = where === undefined || where === line ? "" : ` (${place.exec(where)![1]})`;
  return `${words.length > 200 ? `${words.slice(0, 199)}…` : words}${at}`;
}

/** Of a JSON line what it says, when it is a warning or worse; of any other line all of it. */
function spoken(line: string): string {
  if (!line.startsWith("{")) return line;
  try {
    const { level, msg, error } = JSON.parse(line) as { level?: unknown; msg?: unknown; error?: unknown };
    if (typeof level !== "number" || typeof msg !== "string") return line;
    if (level < warning) return "";
    return typeof error === "string" ? `${msg}: ${error}` : msg;
  } catch {
    // It begins like one and is none.
    return line;
  }
}
