import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { findLockHolder, isErrno, listPids, readCommandLine, readEnviron, readStat } from "@berth/linux";
import { environment } from "@berth/verbs/handshake.ts";
import { socketServer } from "../../pluginhost/launch/socket-server.ts";
import { preflight } from "../preflight/preflight.ts";
import { type CoreSettings, kubeconfigFile, lockFile } from "../serve/core-settings.ts";
import { isCoreCommand } from "./core-command.ts";
import type { NodeEvidence, SeenProcess } from "./node-findings.ts";

/** Linux counts a process's start in hundredths of a second on every machine that Node runs on. */
const tickMs = 10;

/** Reads what is on this machine of the core that these settings describe; changes nothing. */
export async function readEvidence(settings: CoreSettings): Promise<NodeEvidence> {
  const lock = lockFile(settings);
  const holder = seen(findLockHolder(lock));
  return {
    now: Date.now(),
    bootedAt: Number(/^btime (\d+)/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]) * 1000,
    features: await preflight(settings),
    lock: { path: lock, holder, isCore: holder !== undefined && isCoreCommand(holder.command) },
    certificates: readCertificates(settings),
    sockets: await readSockets(settings.kubeletRoot),
    processes: readProcesses(join(settings.runDirectory, settings.nodeName, "p")),
  };
}

function seen(pid: number | undefined): SeenProcess | undefined {
  if (pid === undefined) return undefined;
  return { pid, command: (readCommandLine(pid) ?? []).join(" ") };
}

function readCertificates({ dataDirectory }: CoreSettings): NodeEvidence["certificates"] {
  const folder = join(dataDirectory, "pki");
  const files = namesIn(folder).filter((name) => name.endsWith(".crt"));
  return [
    ...files.map((name) => ({ file: join(folder, name), text: readFileSync(join(folder, name), "utf8") })),
    ...embedded(kubeconfigFile({ dataDirectory })),
  ].map(({ file, text }) => ({ file, notAfter: Date.parse(new X509Certificate(text).validTo) }));
}

/** The client certificate in a kubeconfig. */
function embedded(file: string): { file: string; text: string }[] {
  const text = readIfThere(file);
  const data = /client-certificate-data:\s*"?([A-Za-z0-9+/=]+)/.exec(text ?? "")?.[1];
  return data === undefined ? [] : [{ file, text: Buffer.from(data, "base64").toString("utf8") }];
}

async function readSockets(kubeletRoot: string): Promise<NodeEvidence["sockets"]> {
  const folders = [join(kubeletRoot, "plugins_registry"), join(kubeletRoot, "device-plugins")];
  const paths = folders
    .flatMap((folder) => namesIn(folder).map((name) => join(folder, name)))
    .filter((path) => statSync(path).isSocket());
  return Promise.all(
    paths.map(async (path) => ({ path, isServed: (await socketServer(path)) !== undefined })),
  );
}

/** By where they were told to say hello: children have the same environment, but a parent that has it too. */
function readProcesses(sockets: string): NodeEvidence["processes"] {
  const own = new Map(
    listPids().flatMap((pid) => {
      const variables = environOf(pid);
      const instance = variables?.get(environment.instance);
      const isOurs = variables?.get(environment.handshake)?.startsWith(`${sockets}/`);
      return isOurs && instance !== undefined ? [[pid, instance] as const] : [];
    }),
  );
  return [...own].flatMap(([pid, instance]) => {
    const stat = readStat(pid);
    // A session of its own is a plugin's; what it started for itself and left behind is counted as its workload.
    if (!stat || stat.state === "Z" || own.has(stat.parentPid) || stat.session !== pid) return [];
    const command = (readCommandLine(pid) ?? []).join(" ");
    const { parentPid } = stat;
    return [{ pid, parentPid, instance, command, bootMs: Number(stat.startTicks) * tickMs }];
  });
}

/** What may not be read, even by root, was not started by a core. */
function environOf(pid: number): Map<string, string> | undefined {
  try {
    return readEnviron(pid);
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM")) return undefined;
    throw error;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) return [];
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES")) return undefined;
    throw error;
  }
}
