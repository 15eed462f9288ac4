import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { BerthError, type Logger } from "@berth/base";
import type { RuntimeHandlerInfo } from "@berth/cri";
import { type CgroupMode, detectCgroups, readMounts } from "@berth/linux";

/** An OCI runtime of this machine, offered under its own name as a runtime handler. */
export interface OciRuntime extends RuntimeHandlerInfo {
  path: string;
}

const noRuntime = BerthError.define({
  code: "BERTH_CRI_NO_OCI_RUNTIME",
  grpc: "FAILED_PRECONDITION",
  http: 503,
  owner: "operator",
  next: "Install the Debian package runc or crun, or name it in the plugin's config.runtimes.",
});

const versionTimeoutMs = 5_000;

/** Those of `names` that are installed, the default first. A missing one that is only offered is said, not an error. */
export async function findOciRuntimes(
  names: readonly string[],
  defaultName: string,
  path: string,
  log: Logger,
): Promise<OciRuntime[]> {
  const ordered = [defaultName, ...names.filter((name) => name !== defaultName)];
  const found = await Promise.all(ordered.map((name) => findOne(name, path)));
  const runtimes = found.filter((runtime) => runtime !== undefined);
  for (const runtime of [...runtimes]) {
    const reason = refusalOf(runtime.name, detectCgroups()?.mode, readUnifiedControllers());
    if (reason === undefined) continue;
    log.warn(`${runtime.name} is installed but not offered as runtime handler: ${reason}`);
    runtimes.splice(runtimes.indexOf(runtime), 1);
  }
  const missing = ordered.filter((_, index) => !found[index]);
  if (missing.length > 0) log.info(`not installed, so not offered as runtime handler: ${missing.join(", ")}`);
  if (runtimes[0]?.name === defaultName) return runtimes;
  throw new BerthError(
    noRuntime,
    `the default OCI runtime "${defaultName}" is not usable here: not in ${path}, or refused as logged`,
  );
}

/** Why a runtime that is installed would fail on this machine; undefined when it would not. */
export function refusalOf(
  name: string,
  mode: CgroupMode | undefined,
  unifiedControllers: string,
): string | undefined {
  if (name !== "crun" || mode !== "hybrid" || unifiedControllers === "") return undefined;
  return `it refuses a hybrid hierarchy whose v2 side has controllers (${unifiedControllers}); mount them as v1`;
}

function readUnifiedControllers(): string {
  const unified = readMounts().find(({ type }) => type === "cgroup2");
  const file = unified && join(unified.target, "cgroup.controllers");
  return file !== undefined && existsSync(file) ? readFileSync(file, "utf8").trim() : "";
}

async function findOne(name: string, path: string): Promise<OciRuntime | undefined> {
  const file = path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((candidate) => existsSync(candidate));
  if (file === undefined) return undefined;
  const { stdout } = await promisify(execFile)(file, ["--version"], { timeout: versionTimeoutMs });
  return { name, path: file, version: stdout.split("\n", 1)[0]!.trim() };
}
