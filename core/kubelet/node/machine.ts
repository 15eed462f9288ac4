import { readFile, statfs } from "node:fs/promises";
import { arch, availableParallelism, freemem, release, totalmem } from "node:os";

/** What the machine is; read once. */
export interface MachineFacts {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  /** As the API names it: amd64, arm64. */
  readonly architecture: string;
  readonly hugepages: Readonly<Record<string, string>>;
}

/** What is left of it; read again and again. */
export interface MachineUsage {
  readonly memoryAvailableBytes: number;
  readonly diskCapacityBytes: number;
  readonly diskAvailableBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
  readonly pids: number;
  readonly maxPids: number;
}

const architectures: Readonly<Record<string, string>> = {
  x64: "amd64",
  arm64: "arm64",
  arm: "arm",
  ppc64: "ppc64le",
};

export async function readMachine(): Promise<MachineFacts> {
  const [machineId, systemUuid, bootId, osRelease] = await Promise.all([
    readText("/etc/machine-id"),
    readText("/sys/class/dmi/id/product_uuid"),
    readText("/proc/sys/kernel/random/boot_id"),
    readText("/etc/os-release"),
  ]);
  const pretty = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1];
  return {
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    machineId,
    systemUuid: systemUuid || machineId,
    bootId,
    kernelVersion: release(),
    osImage: pretty ?? "Linux",
    architecture: architectures[arch()] ?? arch(),
    hugepages: {},
  };
}

/** `folder`: where pods and their volumes lie. */
export async function readUsage(folder: string): Promise<MachineUsage> {
  const [memory, disk, load, pidMax] = await Promise.all([
    readText("/proc/meminfo"),
    statfs(folder),
    readText("/proc/loadavg"),
    readText("/proc/sys/kernel/pid_max"),
  ]);
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(memory)?.[1];
  return {
    memoryAvailableBytes: available === undefined ? freemem() : Number(available) * 1024,
    diskCapacityBytes: disk.blocks * disk.bsize,
    diskAvailableBytes: disk.bavail * disk.bsize,
    inodes: disk.files,
    inodesFree: disk.ffree,
    pids: Number(load.split(" ")[3]?.split("/")[1] ?? 0),
    maxPids: Number(pidMax),
  };
}

/** Empty when the machine has no such file: containers and small virtual machines often lack some. */
async function readText(path: string): Promise<string> {
  return (await readFile(path, "utf8").catch(() => "")).trim();
}
