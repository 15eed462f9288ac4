import type { SpecDevice, SpecMount } from "./runtime-spec.ts";

/** What of /proc and /sys a container may not see: it tells about the node or its other tenants. */
export const defaultMaskedPaths: readonly string[] = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];

/** What a container may read but not write: writing it changes the node. */
export const defaultReadonlyPaths: readonly string[] = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];

export interface BaseMountChoice {
  privileged: boolean;
  /** The container's own network namespace: otherwise /sys would show the node's devices as writable. */
  ownNetwork: boolean;
  cgroup: "none" | "ro" | "rw";
  /** Folder shared by the containers of a pod as /dev/shm; the node's own when it shares the node's IPC. */
  shm: string;
}

export function baseMounts(choice: BaseMountChoice): SpecMount[] {
  const sysOptions = ["nosuid", "noexec", "nodev", choice.privileged ? "rw" : "ro"];
  return [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
    choice.ownNetwork
      ? { destination: "/sys", type: "sysfs", source: "sysfs", options: sysOptions }
      : {
          destination: "/sys",
          type: "bind",
          source: "/sys",
          options: ["rbind", "nosuid", "noexec", "nodev", "ro"],
        },
    ...(choice.cgroup === "none"
      ? []
      : [
          {
            destination: "/sys/fs/cgroup",
            type: "cgroup",
            source: "cgroup",
            options: ["nosuid", "noexec", "nodev", "relatime", choice.cgroup],
          },
        ]),
    {
      destination: "/dev/shm",
      type: "bind",
      source: choice.shm,
      options: ["rbind", "nosuid", "noexec", "nodev", "rw"],
    },
  ];
}

/** Rules for device nodes that every container may use: null, zero, full, random, urandom, tty, ptmx, pts, console. */
export const defaultDeviceRules = [
  { allow: false, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 3, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 5, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 7, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 8, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 9, access: "rwm" },
  { allow: true, type: "c", major: 5, minor: 0, access: "rwm" },
  { allow: true, type: "c", major: 5, minor: 1, access: "rwm" },
  { allow: true, type: "c", major: 5, minor: 2, access: "rwm" },
  { allow: true, type: "c", major: 136, access: "rwm" },
];

export function deviceRule(
  device: SpecDevice,
  access: string,
): { allow: true; type: string; major: number; minor: number; access: string } {
  return { allow: true, type: device.type, major: device.major, minor: device.minor, access };
}
