import { rm } from "node:fs/promises";
import { errorMessage } from "@berth/base";
import type { LastCause } from "../contracts/plugin-types.ts";
import type { ProcessOutcome } from "../launch/managed-process.ts";
import { pruneLogs, readLogTail } from "../launch/process-logs.ts";
import type { InstanceParts } from "./instance-parts.ts";
import { lastCause } from "./last-cause.ts";
import { type ProcessRecord, recordKey } from "./process-record.ts";

/**
 * Removes what belonged to a process that has ended, and gathers what is known about its end. Never rejects: whoever
 * waits for the end must hear of it, on a full disk too. `endedByHost`: why the host ended it, asked at the end.
 */
export async function bury(
  parts: InstanceParts,
  record: ProcessRecord,
  outcome: ProcessOutcome,
  endedByHost: () => string | undefined = () => undefined,
): Promise<LastCause> {
  const { clock, groups, logger, paths } = parts;
  const { incarnation } = record;
  const attempt = async (work: () => void | Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      logger.warn("not all of an ended process was removed", { incarnation, error: errorMessage(error) });
    }
  };
  let stderrTail = "";
  await attempt(() => groups?.sweep(record.identity.pid));
  await attempt(() => rm(paths.endpoint(incarnation), { force: true }));
  await attempt(() => rm(paths.config(incarnation), { force: true }));
  await attempt(async () => void (stderrTail = await readLogTail(paths.log(incarnation))));
  await attempt(() => pruneLogs(paths.logs));
  await attempt(() => void parts.records.delete(recordKey(record)));
  const reason = endedByHost();
  return lastCause({
    ...outcome,
    at: new Date(clock.now()).toISOString(),
    incarnation,
    pid: record.identity.pid,
    oomKills: Math.max(0, (groups?.control.readOomKills() ?? 0) - record.oomKills),
    stderrTail,
    ...(reason === undefined ? {} : { endedByHost: reason }),
  });
}
