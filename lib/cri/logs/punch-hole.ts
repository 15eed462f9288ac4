import { libc } from "@berth/linux/libc.ts";

const keepSize = 1;
const punch = 2;
/** fallocate(2) has different numbers on different architectures. */
const fallocateNumber: Partial<Record<NodeJS.Architecture, number>> = { x64: 285, arm64: 47 };

/**
 * Gives bytes of a file back to the file system; the file keeps its length. False where the file system cannot: the
 * file then stays as long as its container lives.
 */
export function punchHole(fd: number, offset: number, length: number): boolean {
  const number = fallocateNumber[process.arch];
  return number !== undefined && libc.syscall(number, fd, punch | keepSize, offset, length) === 0;
}
