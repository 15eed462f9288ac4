import { type Clock, type Disposable, errorMessage, type Logger } from "@berth/base";

import { type ApiClient, ApiError, type EventRecorder, type WorkQueue } from "../../client/contracts.ts";
import { createWorkQueue } from "../../client/work-queue.ts";
import type { ClusterInformers } from "./cluster-informers.ts";

/** What every controller works with. */
export interface ControllerParts {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventRecorder;
  readonly informers: ClusterInformers;
}

/**
 * Brings one kind of thing to what it shall be. It listens to informers from its making on; `start` is called when
 * these have their first complete lists, after they have told of every object.
 */
export interface Controller extends Disposable {
  start?(): void;
}

/** A queue of keys whose failures are logged with the controller's name; conflicts are the ordinary course of things. */
export function reconcileQueue(
  name: string,
  { clock, logger }: Pick<ControllerParts, "clock" | "logger">,
  work: (key: string, signal: AbortSignal) => Promise<void>,
  options: { parallel?: number } = {},
): WorkQueue<string> {
  return createWorkQueue({
    name,
    clock,
    work,
    ...options,
    onError: (key, error, failures) => {
      const level = ApiError.is(error, "Conflict") ? "debug" : "warn";
      logger[level](`${name} will try again`, { key, failures, cause: errorMessage(error) });
    },
  });
}

/** Takes a `namespace/name` key apart. */
export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, Math.max(slash, 0)), name: key.slice(slash + 1) };
}

/** Does nothing when what was to be changed or deleted is gone. */
export async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!ApiError.is(error, "NotFound")) throw error;
  }
}
