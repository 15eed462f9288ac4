import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Figures, median, type Report, rounded } from "../suite.ts";
import { clients, configMaps, load, type Place } from "./load.ts";
import type { LineProcess } from "./processes.ts";

/**
 * How many fsyncs and fdatasyncs of the server's, as strace sees its system calls, a commit group takes, and how many
 * writes share one. Tracing slows everything down: its time is nobody's figure.
 */
export async function syncsPerGroup(
  place: Place,
  server: LineProcess,
  folder: string,
  report: Report,
): Promise<Figures> {
  if (spawnSync("strace", ["-V"]).status !== 0) {
    report("NOT MEASURED: fsyncs per commit group: strace is missing: apt-get install strace");
    return {};
  }
  report("counting fsyncs with strace");
  const log = join(folder, "syncs");
  const args = ["-f", "-p", String(server.pid), "-e", "trace=fsync,fdatasync", "-o", log];
  const strace = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(strace, "exit");
  try {
    // Its first line says that it holds the process.
    const [said] = (await once(createInterface({ input: strace.stderr }), "line")) as [string];
    if (!said.includes("attached")) {
      report(`NOT MEASURED: fsyncs per commit group: ${said}`);
      return {};
    }
    const before = Number(await server.ask("groups"));
    const made = await load(place, { method: "POST", path: configMaps, clients, seconds: 3 });
    const groups = Number(await server.ask("groups")) - before;
    strace.kill("SIGINT");
    await ended;
    const syncs = readFileSync(log, "utf8").match(/\bf(?:data)?sync\(/g)?.length ?? 0;
    return {
      "api.fsyncs_per_group": rounded(syncs / groups),
      "api.writes_per_group": rounded(made.answers / groups),
    };
  } finally {
    if (strace.exitCode === null) strace.kill("SIGINT");
    await ended;
  }
}

/** What the disk itself takes to make 16 kB of a file durable that has its size already: nobody commits faster. */
export function diskSyncMs(folder: string): number {
  const page = Buffer.alloc(16 * 1024, 1);
  const rounds = 200;
  const file = openSync(join(folder, "raw"), "w");
  try {
    for (let round = 0; round < rounds; round++) writeSync(file, page);
    fdatasyncSync(file);
    const waits: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const began = performance.now();
      writeSync(file, page, 0, page.length, round * page.length);
      fdatasyncSync(file);
      waits.push(performance.now() - began);
    }
    return rounded(median(waits));
  } finally {
    closeSync(file);
  }
}
