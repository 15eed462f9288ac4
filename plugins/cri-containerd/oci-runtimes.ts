import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { BerthError, type Logger } from "@berth/base";
import type { RuntimeHandlerInfo } from "@berth/cri";

/** An OCI runtime of this machine, offered under its own name as a runtime handler. */
export interface OciRuntime extends RuntimeHandlerInfo {
  path: string;
}

const noRuntime = BerthError.define({
  code: "BERTH_CRI_NO_OCI_RUNTIME",
  grpc: "FAILED_PRECONDITION",
  http: 503,
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
  const missing = ordered.filter((name) => !runtimes.some((runtime) => runtime.name === name));
  if (missing.length > 0) log.info(`not installed, so not offered as runtime handler: ${missing.join(", ")}`);
  if (runtimes[0]?.name === defaultName) return runtimes;
  throw new BerthError(noRuntime, `the default OCI runtime "${defaultName}" is not in ${path}`);
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
