import { type Clock, errorMessage, type Logger } from "@berth/base";

import { ApiError, type ApiObject, type Informer, type WorkQueue } from "./contracts.ts";
import { createWorkQueue } from "./work-queue.ts";

/** A queue of keys whose failures are logged with the owner's name; conflicts are the ordinary course of things. */
export function reconcileQueue(
  name: string,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
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

/** Calls back for every object that comes, changes or goes. */
export function onEveryChange<T extends ApiObject>(
  informer: Pick<Informer<T>, "onDidAdd" | "onDidUpdate" | "onDidDelete">,
  listener: (object: T, change: "added" | "updated" | "deleted", old?: T) => void,
): void {
  informer.onDidAdd((object) => listener(object, "added"));
  informer.onDidUpdate(({ old, object }) => listener(object, "updated", old));
  informer.onDidDelete((object) => listener(object, "deleted"));
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

/** Does nothing when what was to be made is there already. */
export async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!ApiError.is(error, "AlreadyExists")) throw error;
  }
}
