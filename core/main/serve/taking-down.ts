import { type Logger, pause, systemClock } from "@berth/base";
import type { PluginHost } from "../../pluginhost/contracts/index.ts";

const lookMs = 1_000;
const looksBetweenWords = 5;
/** Pods whose runtime does not answer cannot be ended by it, however long one waits. */
const deafLooks = 15;

interface TakingDown {
  readonly host: Pick<PluginHost, "instances">;
  readonly logger: Logger;
  /** Once a second; what it throws ends the wait, not the work. */
  readonly onLook: () => void;
}

/** Waits for one step of a teardown, and says every few seconds how long, and which plugins may be why. */
export async function takingDown(
  label: string,
  work: () => Promise<void>,
  { host, logger, onLook }: TakingDown,
): Promise<void> {
  const done = new AbortController();
  const watch = async (): Promise<void> => {
    for (let looks = 1; !done.signal.aborted; looks++) {
      await pause(systemClock, lookMs, done.signal);
      if (done.signal.aborted) return;
      onLook();
      if (looks % looksBetweenWords === 0)
        logger.warn(`${label}: still being taken down`, { seconds: looks, because: reasons(host) });
    }
  };
  try {
    await Promise.race([work(), watch()]);
  } finally {
    done.abort();
  }
}

/** Throws once no runtime of the node was ready for some time. */
export function requireRuntime(host: Pick<PluginHost, "instances">): () => void {
  let deaf = 0;
  return () => {
    const runtimes = host.instances().filter(({ contract }) => contract === "cri");
    deaf = runtimes.some(({ state }) => state === "ready") ? 0 : deaf + 1;
    if (deaf >= deafLooks)
      throw new Error(
        `no runtime has answered for ${deafLooks} s; what runs in pods is killed, their mounts stay: ` +
          (reasons(host).join("; ") || "none is there"),
      );
  };
}

function reasons(host: Pick<PluginHost, "instances">): string[] {
  return host
    .instances()
    .filter(({ reason }) => reason !== "")
    .map(({ name, state, reason }) => `${name} is ${state}: ${reason}`);
}
