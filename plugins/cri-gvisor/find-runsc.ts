import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { BerthError } from "@berth/base";

const missing = BerthError.define({
  code: "BERTH_GVISOR_NO_RUNSC",
  grpc: "FAILED_PRECONDITION",
  http: 503,
  owner: "operator",
  next: "Install the Debian package runsc (from backports, for systrap), or name the program in the plugin's config.program.",
});

const timeoutMs = 5_000;

export interface Runsc {
  program: string;
  /** "release-20240729.0, systrap". */
  version: string;
  /** Platforms this build offers, its default first. */
  platforms: readonly string[];
}

/** Finds runsc and learns what it can do; the platform wanted must be among it. */
export async function findRunsc(wanted: { program: string; platform: string }, path: string): Promise<Runsc> {
  const program = isAbsolute(wanted.program)
    ? wanted.program
    : path
        .split(delimiter)
        .map((folder) => join(folder, wanted.program))
        .find((file) => existsSync(file));
  if (program === undefined || !existsSync(program)) {
    throw new BerthError(missing, `${wanted.program} is not in ${path}`);
  }
  const run = promisify(execFile);
  const [version, flags] = await Promise.all([
    run(program, ["--version"], { timeout: timeoutMs }),
    run(program, ["flags"], { timeout: timeoutMs }),
  ]);
  const platforms = parsePlatforms(`${flags.stdout}\n${flags.stderr}`);
  if (wanted.platform !== "auto" && platforms.length > 0 && !platforms.includes(wanted.platform)) {
    throw new BerthError(
      missing,
      `this runsc has no platform ${wanted.platform}; it has ${platforms.join(", ")}`,
    );
  }
  const used = wanted.platform === "auto" ? (platforms[0] ?? "its default platform") : wanted.platform;
  return {
    program,
    platforms,
    version: `${version.stdout.split("\n", 1)[0]!.replace("version ", "").trim()}, ${used}`,
  };
}

/** From the help of --platform: "specifies which platform to use: systrap (default), ptrace, kvm." */
export function parsePlatforms(help: string): string[] {
  const list = /which platform to use: ([^\n]*)/.exec(help)?.[1] ?? "";
  const entries = list.split(/[.(]default[^)]*[)]|,|\.\s/).map((entry) => entry.replaceAll(/[^a-z]/g, ""));
  const names = entries.filter((entry) => ["systrap", "ptrace", "kvm"].includes(entry));
  const preferred = /(\w+) \(default\)/.exec(list)?.[1] ?? names[0];
  return [...new Set([...(preferred === undefined ? [] : [preferred]), ...names])];
}
