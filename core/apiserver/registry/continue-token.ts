import { badRequest, expired, type StatusError } from "../request/status-error.ts";

/** Stands for whichever revision is the newest: what goes on from it is no snapshot with what came before. */
export const anyRevision = -1;

/** Where a list went on: at which revision of which store, after which key. */
export interface ContinueToken {
  readonly store: string;
  /** `anyRevision` when the snapshot it belonged to is gone. */
  readonly revision: number;
  readonly afterKey: string;
}

export function encodeContinue(token: ContinueToken): string {
  return Buffer.from(JSON.stringify([1, token.store, token.revision, token.afterKey])).toString("base64url");
}

/** @throws StatusError 400 for what is no token, 410 for one of another store */
export function decodeContinue(text: string, store: string, prefix: string): ContinueToken {
  const wrong = wrongByte(text);
  if (wrong >= 0) throw invalidToken(`: illegal base64 data at input byte ${wrong}`);
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    parts = undefined;
  }
  if (!Array.isArray(parts) || parts.length !== 4 || parts[0] !== 1) throw invalidToken();
  const [, from, revision, afterKey] = parts as [number, unknown, unknown, unknown];
  if (typeof from !== "string" || typeof afterKey !== "string" || !Number.isSafeInteger(revision))
    throw invalidToken();
  if (!afterKey.startsWith(prefix)) throw badRequest("continue key is not valid for this list");
  // The revisions of another store say nothing here; its keys do.
  if (from !== store) throw snapshotGone({ store, afterKey });
  return { store: from, revision: revision as number, afterKey };
}

/** 410 for a list whose snapshot is no more, with a token that goes on without it. */
export function snapshotGone({ store, afterKey }: Omit<ContinueToken, "revision">): StatusError {
  const message =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list " +
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of the " +
    "results. Continuing with the provided token results in an inconsistent list - objects that were created, " +
    "modified, or deleted between the time the first chunk was returned and now may show up in the list.";
  return expired(message, encodeContinue({ store, revision: anyRevision, afterKey }));
}

/** Where a text stops to be base64 for URLs; -1 when it is. */
function wrongByte(text: string): number {
  const at = text.search(/[^\w-]/);
  return at < 0 && text.length % 4 === 1 ? text.length - 1 : at;
}

function invalidToken(why = ""): Error {
  return badRequest(`invalid continue token: continue key is not valid${why}`);
}
