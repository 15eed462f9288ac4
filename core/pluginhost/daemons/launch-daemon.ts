import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Clock, Logger } from "@berth/base";
import {
  type Cgroup,
  identifyProcess,
  type ProcessIdentity,
  type ProcessWatcher,
  readCommandLine,
} from "@berth/linux";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import { endProcess } from "../launch/end-process.ts";
import { launchCommand } from "../launch/launch-command.ts";
import { adoptedProcess, type ManagedProcess } from "../launch/managed-process.ts";
import { pruneLogs } from "../launch/process-logs.ts";
import { spawnLogged } from "../launch/spawn-logged.ts";

/** What a new host needs to find a daemon that a former one started. */
export interface DaemonRecord {
  readonly identity: ProcessIdentity;
  readonly number: number;
  /** Of command and files: a daemon of another definition is started again. */
  readonly definition: string;
}

/** How one daemon is started, and where what is its own lies. */
export interface DaemonParts {
  readonly id: string;
  readonly folders: { readonly state: string; readonly run: string; readonly files: string };
  readonly logs: string;
  readonly command: readonly string[];
  /** Texts of the files that it is given, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly socket: string;
  readonly group: Cgroup | undefined;
  readonly records: Bucket<DaemonRecord>;
  readonly watcher: ProcessWatcher;
  readonly clock: Clock;
  readonly logger: Logger;
}

export const termPatienceMs = 10_000;

/** The log of the process that was started last. */
export function lastLog(parts: DaemonParts): string {
  return join(parts.logs, `${lastNumber(parts)}.log`);
}

/** The process that a former host started; undefined when there is none any more. */
export function findDaemon(parts: DaemonParts): ManagedProcess | undefined {
  const { records, id, watcher, logger } = parts;
  const record = records.get(id);
  const found = record && adoptedProcess(record.identity, watcher);
  if (!found) return undefined;
  logger.info("daemon adopted", { pid: found.identity.pid });
  if (record.definition !== definitionOf(parts))
    logger.warn("daemon runs with a former definition; the new one takes effect at its next start");
  return found;
}

/** Starts it, with nothing left of an earlier start in its way, and records it. */
export async function launchDaemon(parts: DaemonParts): Promise<ManagedProcess> {
  const { id, folders, files, command, group, records, logs, socket } = parts;
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folders.files, name), text, { mode: 0o600 });
  await rm(socket, { force: true });
  group?.create();
  await endStrays(parts);
  const number = lastNumber(parts) + 1;
  const launch = launchCommand({
    command,
    cgroupFolders: group?.folders ?? [],
    dieWithHost: false,
    uid: undefined,
    capabilities: undefined,
    namespaces: [],
  });
  const { PATH, LANG, TZ } = process.env;
  const env = {
    PATH: PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
    ...(LANG ? { LANG } : {}),
    ...(TZ ? { TZ } : {}),
  };
  const log = join(logs, `${number}.log`);
  const own = await spawnLogged({ ...launch, env, folder: folders.state, log });
  try {
    records.put(id, { identity: own.identity, number, definition: definitionOf(parts) });
  } catch (error) {
    // Nobody would know of it, and it would keep its files locked against the next one.
    own.signal("SIGKILL");
    await own.ended;
    throw error;
  }
  await pruneLogs(logs);
  return own;
}

/** One that was started when the host died, before it was recorded. What the daemon itself started is left alone. */
async function endStrays({ command, group, watcher, clock, logger }: DaemonParts): Promise<void> {
  for (const pid of group?.listPids() ?? []) {
    if (!isCommand(command, readCommandLine(pid))) continue;
    const identity = identifyProcess(pid);
    const stray = identity && adoptedProcess(identity, watcher);
    if (!stray) continue;
    logger.warn("a daemon that nobody recorded is ended", { pid });
    await endProcess(stray, clock, termPatienceMs);
  }
}

function lastNumber({ records, id }: DaemonParts): number {
  return records.get(id)?.number ?? 0;
}

function definitionOf({ command, files }: DaemonParts): string {
  return createHash("sha256")
    .update(JSON.stringify([command, files]))
    .digest("hex");
}

/** A program may have been found under another path than it was called by. */
function isCommand(wanted: readonly string[], found: readonly string[] | undefined): boolean {
  const [program = "", ...rest] = found ?? [];
  return basename(program) === basename(wanted[0] ?? "") && isDeepStrictEqual(rest, wanted.slice(1));
}
