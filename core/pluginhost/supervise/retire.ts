import type { Clock, Logger } from "@berth/base";
import { errorMessage } from "@berth/base";
import { services } from "@berth/verbs";
import type { LastCause } from "../contracts/plugin-types.ts";
import { endsWithin } from "../launch/end-process.ts";
import type { Incarnation } from "./incarnation.ts";

const shutdownPatienceMs = 5000;

/** Lets an incarnation finish what is under way and take nothing new. One without the SDK cannot be asked. */
export async function drain(incarnation: Incarnation, withinMs: number): Promise<void> {
  if (!incarnation.plan.manifest.sdk) return;
  const client = incarnation.connection.client(services.plugin);
  await client.drain({ within_ms: withinMs }, { deadlineMs: withinMs + shutdownPatienceMs });
}

/**
 * Drain, Shutdown, TERM, KILL: whatever it does, it is gone afterwards. `reason` is told to the plugin ("teardown"
 * makes it undo what it made on the node) and becomes part of the last cause.
 */
export async function retire(
  incarnation: Incarnation,
  reason: string,
  options: { clock: Clock; logger: Logger; drainMs: number },
): Promise<LastCause> {
  const { clock, logger } = options;
  incarnation.expectEnd(reason);
  if (incarnation.plan.manifest.sdk && !incarnation.process.hasEnded) {
    try {
      await drain(incarnation, options.drainMs);
      const client = incarnation.connection.client(services.plugin);
      await client.shutdown({ reason }, { deadlineMs: options.drainMs });
      await endsWithin(incarnation.process, clock, shutdownPatienceMs);
    } catch (error) {
      logger.warn("the plugin did not end when it was asked to", { reason: errorMessage(error) });
    }
  }
  return incarnation.end(reason);
}
