import { badRequest, expired } from "../request/status-error.ts";

/** Where a list went on: at which revision of which store, after which key. */
export interface ContinueToken {
  readonly store: string;
  readonly revision: number;
  readonly afterKey: string;
}

export function encodeContinue(token: ContinueToken): string {
  return Buffer.from(JSON.stringify([1, token.store, token.revision, token.afterKey])).toString("base64url");
}

/** @throws StatusError 400 for what is no token, 410 for one of another store */
export function decodeContinue(text: string, store: string, prefix: string): ContinueToken {
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
  if (from !== store)
    throw expired(
      "The provided continue parameter belongs to another store: start the list again without it.",
    );
  return { store: from, revision: revision as number, afterKey };
}

function invalidToken(): Error {
  return badRequest("continue key is not valid");
}
