import { statSync } from "node:fs";
import { checked, isErrno } from "./linux-error.ts";
import { libc } from "./libc.ts";

const typeBits = { character: 0o020000, block: 0o060000, fifo: 0o010000 } as const;

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** mknod(2). EEXIST when the path is taken. The process's umask applies to `mode`. */
export function makeNode(
  path: string,
  type: keyof typeof typeBits,
  mode: number,
  device: DeviceNumber = { major: 0, minor: 0 },
): void {
  checked(libc.mknod(path, typeBits[type] | mode, encodeDevice(device)), () => `make ${type} node ${path}`);
}

/** Undefined when nothing is there or it is no device. */
export function readDeviceNumber(
  path: string,
): (DeviceNumber & { readonly type: "character" | "block" }) | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isCharacterDevice() && !stat.isBlockDevice()) return undefined;
    return { ...decodeDevice(stat.rdev), type: stat.isBlockDevice() ? "block" : "character" };
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** makedev(3): 12 bits of major and 20 of minor, folded as glibc folds them. */
export function encodeDevice({ major, minor }: DeviceNumber): number {
  return (minor & 0xff) + (major & 0xfff) * 0x100 + ((minor & 0xfff00) >>> 8) * 0x100000;
}

export function decodeDevice(device: number): DeviceNumber {
  return {
    major: Math.floor(device / 0x100) & 0xfff,
    minor: (device & 0xff) + (Math.floor(device / 0x100000) & 0xfff) * 0x100,
  };
}
