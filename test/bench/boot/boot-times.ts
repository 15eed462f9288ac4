import { readFileSync } from "node:fs";
import type { BuiltCore } from "../../support/built-core.ts";
import type { ProcessUse } from "../../support/process-tree.ts";

export interface BootStep {
  /** Milliseconds since the start of the process. */
  readonly ms: number;
  readonly what: string;
}

/** Milliseconds since the start of the process. */
export interface BootTimes {
  /** The API server serves and an administrator's kubeconfig is there. */
  readonly apiMs: number;
  readonly readyMs: number;
  /** What the core said, and what a watch of its objects saw, in order. */
  readonly steps: readonly BootStep[];
  /** Processor time of each process until everything was ready. */
  readonly processes: readonly ProcessUse[];
}

export function readBootTimes(
  core: BuiltCore,
  observed: { apiMs: number; readyMs: number; seen: readonly BootStep[]; processes: readonly ProcessUse[] },
): BootTimes {
  const lines = readFileSync(core.logFile, "utf8").trim().split("\n");
  const said = lines.map((line) => {
    const { time, msg } = JSON.parse(line) as { time: string; msg: string };
    return { ms: Date.parse(time) - core.startedAt, what: msg };
  });
  const { seen, ...times } = observed;
  return { ...times, steps: [...said, ...seen].toSorted((a, b) => a.ms - b.ms) };
}

export function renderBootTimes({ steps, readyMs, processes }: BootTimes): string {
  const all = [...steps.filter(({ ms }) => ms <= readyMs), { ms: readyMs, what: "everything is ready" }];
  const lines = all.map(({ ms, what }) => `${String(Math.round(ms)).padStart(6)}  ${what}`);
  const used = processes.map(({ name, cpuMs }) => `${name} ${cpuMs}`);
  return `${lines.join("\n")}\nprocessor time in ms: ${used.join(", ")}\n`;
}
