import { readlinkSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { findLockHolder, isErrno, listPids, readCommandLine } from "@berth/linux";
import { kubeconfigPath } from "../connect.ts";
import { addCoreOptions, type CoreOptions } from "../serve/core-options.ts";
import { kubeconfigFile, lockFile } from "../serve/core-settings.ts";
import { isCoreCommand } from "./core-command.ts";

/** Where a core has its files and sockets, and what it is reached by. */
const places = [
  "dataDir",
  "runDir",
  "kubeletRoot",
  "nodeName",
  "address",
  "nodeAddress",
  "port",
  "kubeletPort",
] as const;

export type CorePlaces = Pick<CoreOptions, (typeof places)[number]>;

/**
 * The options with the places of the core that is meant: as they are where one of them was given; else of the core whose
 * kubeconfig is in use, of the one at the default places, or of the only one on this machine.
 */
export function placesOfCore<T extends CoreOptions>(
  command: Command,
  options: T,
  { kubeconfig, note }: { kubeconfig: string | undefined; note: (text: string) => void },
): T {
  if (places.some((name) => command.getOptionValueSource(name) !== "default")) return options;
  const cores = runningCores();
  const inUse = kubeconfigPath(kubeconfig);
  const chosen =
    cores.find((one) => kubeconfigFile({ dataDirectory: one.dataDir }) === resolve(inUse)) ??
    cores.find(({ dataDir }) => dataDir === options.dataDir) ??
    (cores.length === 1 ? cores[0] : undefined);
  if (!chosen && cores.length > 1)
    note(
      `several cores run here; name one with its --data-dir, --run-dir, …: ${cores.map((one) => one.dataDir).join(", ")}`,
    );
  if (!chosen) return options;
  if (chosen.dataDir !== options.dataDir) note(`the core of ${chosen.dataDir} is looked at`);
  return { ...options, ...chosen };
}

/** Of the cores that run on this machine, by their command lines; only those that hold the lock they speak of. */
function runningCores(): CorePlaces[] {
  return listPids().flatMap((pid) => {
    const words = readCommandLine(pid) ?? [];
    const start = words.indexOf("start");
    if (start === -1 || !isCoreCommand(words.join(" "))) return [];
    const given = placesIn(words.slice(start + 1), folderOf(pid));
    return findLockHolder(lockFile({ dataDirectory: given.dataDir })) === pid ? [given] : [];
  });
}

/** What `berth start` takes these words for, in that folder. */
export function placesIn(words: readonly string[], folder: string): CorePlaces {
  const command = addCoreOptions(new Command()).allowUnknownOption().allowExcessArguments();
  const given = command.parse(words, { from: "user" }).opts<CoreOptions>();
  const { dataDir, runDir, kubeletRoot, nodeName, address, nodeAddress, port, kubeletPort } = given;
  const [data, run, root] = [dataDir, runDir, kubeletRoot].map((path) => resolve(folder, path));
  return {
    dataDir: data!,
    runDir: run!,
    kubeletRoot: root!,
    nodeName,
    address,
    nodeAddress,
    port,
    kubeletPort,
  };
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch (error) {
    // It has just ended, and so holds no lock either.
    if (isErrno(error, "ENOENT", "EACCES")) return "/";
    throw error;
  }
}
