import { BerthError, nearestName } from "@berth/base";
import { invalidSpec } from "../oci-error.ts";
import type { CapabilitySets } from "./runtime-spec.ts";

/** In the kernel's order, so that the position is the bit (capability.h, Linux 5.9 and later). */
export const allCapabilities: readonly string[] = [
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE",
  "NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT",
  "SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE",
  "AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ",
  "PERFMON BPF CHECKPOINT_RESTORE",
].flatMap((line) => line.split(" ").map((name) => `CAP_${name}`));

/** What a container has unless its pod says otherwise: enough for ordinary servers, nothing that reaches the node. */
export const defaultCapabilities: readonly string[] = [
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW",
  "SETFCAP SETGID SETPCAP SETUID SYS_CHROOT",
].flatMap((line) => line.split(" ").map((name) => `CAP_${name}`));

/** The names in a hexadecimal mask of /proc/PID/status. */
export function capabilitiesOfMask(hex: string): string[] {
  const mask = BigInt(`0x${hex.trim()}`);
  return allCapabilities.filter((_, bit) => (mask >> BigInt(bit)) & 1n);
}

export interface CapabilityChoice {
  privileged: boolean;
  /** Names with or without CAP_; "ALL". */
  add: readonly string[];
  drop: readonly string[];
  ambient: readonly string[];
  /** What this machine can give at all: nobody can hand out what it lacks. */
  available: readonly string[];
}

export function resolveCapabilities(choice: CapabilityChoice): CapabilitySets {
  const chosen = choice.privileged ? new Set(choice.available) : added(dropped(choice), choice);
  const list = allCapabilities.filter((name) => chosen.has(name) && choice.available.includes(name));
  const ambient = choice.ambient.map(capabilityName).filter((name) => list.includes(name));
  return {
    bounding: list,
    effective: list,
    permitted: list,
    // The kernel drops ambient capabilities that are not inheritable.
    ...(ambient.length > 0 && { inheritable: ambient, ambient }),
  };
}

function dropped(choice: CapabilityChoice): Set<string> {
  if (choice.drop.some(isAll)) return new Set();
  const left = new Set(choice.add.some(isAll) ? choice.available : defaultCapabilities);
  for (const name of choice.drop) left.delete(capabilityName(name));
  return left;
}

function added(base: Set<string>, choice: CapabilityChoice): Set<string> {
  for (const name of [...choice.add, ...choice.ambient]) {
    if (!isAll(name)) base.add(capabilityName(name));
    // "ALL" added after "ALL" dropped means all.
    else for (const every of choice.drop.some(isAll) ? choice.available : []) base.add(every);
  }
  return base;
}

function isAll(name: string): boolean {
  return name.toUpperCase() === "ALL";
}

function capabilityName(name: string): string {
  const upper = name.toUpperCase();
  const full = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  if (allCapabilities.includes(full)) return full;
  const near = nearestName(full, allCapabilities);
  throw new BerthError(
    invalidSpec,
    `securityContext.capabilities: there is no capability ${name}${near ? `; did you mean ${near.slice(4)}?` : ""}`,
  );
}
