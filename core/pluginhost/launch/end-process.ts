import type { Clock } from "@berth/base";
import type { ManagedProcess } from "./managed-process.ts";

/** Ends a process: TERM, then KILL when it has not ended after `patienceMs`. Resolves when it is gone. */
export async function endProcess(process: ManagedProcess, clock: Clock, patienceMs: number): Promise<void> {
  if (process.hasEnded) return;
  process.signal("SIGTERM");
  if (await endsWithin(process, clock, patienceMs)) return;
  process.signal("SIGKILL");
  await process.ended;
}

export async function endsWithin(process: ManagedProcess, clock: Clock, ms: number): Promise<boolean> {
  const over = new AbortController();
  const late = clock.sleep(ms, over.signal).then(
    () => false,
    () => true,
  );
  const inTime = await Promise.race([process.ended.then(() => true), late]);
  over.abort();
  return inTime;
}
