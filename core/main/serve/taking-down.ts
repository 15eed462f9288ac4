import { type Logger, pause, systemClock } from "@berth/base";
import type { PluginHost } from "../../pluginhost/contracts/index.ts";

const lookMs = 1_000;
const looksBetweenWords = 5;
/** Pods whose runtime does not answer cannot be ended by it, however long one waits. */
const deafLooks = 10;
/** A runtime that hangs counts as ready for some time. */
const idleLooks = 15;

/** No runtime will end the pods of this node; the message says why. */
export class RuntimeLost extends Error {}

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

/** Throws {@link RuntimeLost} once no runtime of the node was ready, or no pod has ended, for some time. */
export function requireRuntime(host: Pick<PluginHost, "instances">, podsLeft: () => number): () => void {
  let deaf = 0;
  let idle = 0;
  let before = podsLeft();
  return () => {
    const runtimes = host.instances().filter(({ contract }) => contract === "cri");
    deaf = runtimes.some(({ state }) => state === "ready") ? 0 : deaf + 1;
    const left = podsLeft();
    idle = left < before ? 0 : idle + 1;
    before = left;
    if (deaf < deafLooks && idle < idleLooks) return;
    const why = deaf < deafLooks ? `no pod has ended for ${idle} s` : `no runtime has answered for ${deaf} s`;
    throw new RuntimeLost(`${why}: ${reasons(host).join("; ") || "no plugin says why"}`);
  };
}

function reasons(host: Pick<PluginHost, "instances">): string[] {
  return host
    .instances()
    .filter(({ reason }) => reason !== "")
    .map(({ name, state, reason }) => `${name} is ${state}: ${reason}`);
}
