import { statfs } from "node:fs/promises";
import { BerthError, errorMessage, isBerthError, type Logger, pause, systemClock } from "@berth/base";
import { isErrno } from "@berth/linux";
import { databaseFull } from "@berth/sqlite";

const diskFull = BerthError.define({
  code: "BERTH_MAIN_DISK_FULL",
  grpc: "RESOURCE_EXHAUSTED",
  http: 507,
  owner: "operator",
  next: "Free some space there: the core goes on by itself. Pods run on meanwhile.",
});

const lookMs = 1000;
/** Less than a start needs would only fill it up again. */
const roomBytes = 16 * 1024 ** 2;

/**
 * Does what writes to a folder and, when its disk is full, says so and does it again once there is room. Undefined when
 * `given up` aborts meanwhile.
 */
export async function whenThereIsRoom<T>(
  folder: string,
  work: () => Promise<T>,
  { logger, givenUp }: { logger: Logger; givenUp: AbortSignal },
): Promise<T | undefined> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isFull(error)) throw error;
      const full = new BerthError(diskFull, `the disk of ${folder} is full: ${errorMessage(error)}`);
      logger.error(full.message, { code: full.code, next: full.definition.next });
      if (!(await hasRoom(folder, givenUp))) return undefined;
      logger.info("there is room again", { folder });
    }
  }
}

/** Also behind the API, which tells by its code what its store met. */
function isFull(error: unknown): boolean {
  if (isErrno(error, "ENOSPC", "EDQUOT")) return true;
  if (isBerthError(error) && error.code === databaseFull.code) return true;
  const { cause, reason } = error as { cause?: unknown; reason?: unknown };
  return reason === databaseFull.code || (cause !== undefined && isFull(cause));
}

/** False when it is given up before. */
async function hasRoom(folder: string, givenUp: AbortSignal): Promise<boolean> {
  while (!givenUp.aborted) {
    const { bavail, bsize, files, ffree } = await statfs(folder);
    if (bavail * bsize >= roomBytes && (files === 0 || ffree > 0)) return true;
    await pause(systemClock, lookMs, givenUp);
  }
  return false;
}
