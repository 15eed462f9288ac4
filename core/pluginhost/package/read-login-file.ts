import { open } from "node:fs/promises";
import { BerthError, errorMessage } from "@berth/base";
import { badSource } from "../errors.ts";

const largestBytes = 1024 ** 2;
const othersMayWrite = 0o022;

/** A file with logins. Rejects when it cannot be read, and when others may write what this process is to believe. */
export async function readLoginFile(path: string, option: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    const { mode, size } = await file.stat();
    if ((mode & othersMayWrite) !== 0) throw new Error(`others may write it; chmod go-w ${path}`);
    if (size > largestBytes) throw new Error(`it is larger than ${largestBytes} bytes`);
    return await file.readFile("utf8");
  } catch (error) {
    throw new BerthError(badSource, `${option} ${path} cannot be used: ${errorMessage(error)}`);
  }
}
