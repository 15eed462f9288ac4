import { badRequest, StatusError } from "../request/status-error.ts";
import type { ObjectStore } from "./object-store.ts";

const greatestRevision = 2n ** 64n - 1n;

/**
 * The `resourceVersion` of a query as it stands there: "" when there is none, else digits.
 * @throws StatusError 400
 */
export function requestedRevision(query: URLSearchParams): string {
  const text = query.get("resourceVersion") ?? "";
  if (text !== "" && !(/^\d{1,20}$/.test(text) && BigInt(text) <= greatestRevision))
    throw badRequest(`invalid resource version: ${unreadable(text)}`);
  return text;
}

function unreadable(text: string): string {
  const quoted = JSON.stringify(text);
  const why = /^\d+$/.test(text) ? "value out of range" : "invalid syntax";
  return `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`;
}

/**
 * Resolves when what the cache holds is not older than that: "" is all that was acknowledged before this call, "0" is
 * anything. Most often there is nothing to wait for, and nothing is returned.
 * @throws StatusError 504 for a revision that the store has not reached; the client may come again
 */
export function notOlderThan(
  objects: ObjectStore,
  asked: string,
  signal: AbortSignal,
): Promise<void> | undefined {
  if (asked === "") return objects.fresh(signal);
  return Number(asked) <= objects.cache.revision ? undefined : reached(objects, asked, signal);
}

async function reached(objects: ObjectStore, asked: string, signal: AbortSignal): Promise<void> {
  const revision = Number(asked);
  const newest = await objects.store.currentRevision();
  if (revision <= newest) return await objects.cache.reached(revision, signal);
  throw tooLargeRevision(asked, newest);
}

/** @param comes whether it is worth while to come again: of a snapshot nothing is said about that */
export function tooLargeRevision(asked: string, newest: number, comes = true): StatusError {
  const message = "Too large resource version";
  return new StatusError(504, "Timeout", `Timeout: ${message}: ${asked}, current: ${newest}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message }],
    ...(comes && { retryAfterSeconds: 1 }),
  });
}
