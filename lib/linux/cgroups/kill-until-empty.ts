import { isErrno } from "../linux-error.ts";

/** More rounds than any tree that forks while it is being killed has needed; then something is wrong. */
const maxRounds = 100;

/**
 * SIGKILL to what is listed until every process has got one. A process already signalled cannot fork again, so
 * each round only meets what was forked before it; ended processes may stay listed as zombies.
 */
export function killUntilEmpty(list: () => number[], group: string): void {
  const signalled = new Set<number>();
  for (let round = 0; round < maxRounds; round++) {
    const fresh = list().filter((pid) => !signalled.has(pid));
    if (fresh.length === 0) return;
    for (const pid of fresh) {
      signalled.add(pid);
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if (!isErrno(error, "ESRCH")) throw error;
      }
    }
  }
  throw new Error(`cgroup ${group} still got new processes after ${maxRounds} rounds of SIGKILL`);
}
