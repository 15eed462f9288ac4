import { posix } from "node:path";
import { syntaxError } from "../../api/index.ts";
import { badRequest, expired, type StatusError } from "../request/status-error.ts";

const version = "meta.k8s.io/v1";

/** Stands for whichever revision is the newest: what goes on from it is no snapshot with what came before. */
export const anyRevision = -1;

/** Where a list went on: at which revision of which store, after which key. */
export interface ContinueToken {
  readonly store: string;
  /** `anyRevision` when the snapshot it belonged to is gone. */
  readonly revision: number;
  readonly afterKey: string;
}

/** @param prefix of the list's keys: what follows it is told, and is good for any list */
export function encodeContinue({ store, revision, afterKey }: ContinueToken, prefix: string): string {
  const told = { v: version, rv: revision, start: afterKey.slice(prefix.length), store };
  return Buffer.from(JSON.stringify(told)).toString("base64url");
}

/** @throws StatusError 400 for what is no token, 410 for one of another store */
export function decodeContinue(text: string, store: string, prefix: string): ContinueToken {
  const { v, rv, start, store: from } = membersOf(text);
  if (v !== version) throw invalidToken(` server does not recognize this encoded version ${textOf(v)}`);
  if (!Number.isSafeInteger(rv) || rv === 0)
    throw invalidToken(` incorrect encoded start resourceVersion (version ${version})`);
  if (textOf(start) === "") throw invalidToken(` encoded start key empty (version ${version})`);
  const relative = textOf(start);
  if (posix.normalize(`/${relative}`) !== `/${relative}`) throw invalidToken(` ${relative}`);
  const afterKey = prefix + relative;
  // The revisions of another store say nothing here; its keys do.
  if (from !== store) throw snapshotGone({ store, afterKey }, prefix);
  return { store, revision: rv as number, afterKey };
}

function membersOf(text: string): Record<string, unknown> {
  const wrong = text.search(/[^\w-]/);
  // One character alone at the end is less than a byte.
  const at = wrong >= 0 ? wrong : text.length % 4 === 1 ? text.length - 1 : undefined;
  if (at !== undefined) throw invalidToken(` illegal base64 data at input byte ${at}`);
  const json = Buffer.from(text, "base64url").toString("utf8");
  try {
    const value = JSON.parse(json) as unknown;
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    throw invalidToken(` ${syntaxError(json)}`);
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** 410 for a list whose snapshot is no more, with a token that goes on without it. */
export function snapshotGone(
  { store, afterKey }: Omit<ContinueToken, "revision">,
  prefix: string,
): StatusError {
  const message =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list " +
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of the " +
    "results. Continuing with the provided token results in an inconsistent list - objects that were created, " +
    "modified, or deleted between the time the first chunk was returned and now may show up in the list.";
  return expired(message, encodeContinue({ store, revision: anyRevision, afterKey }, prefix));
}

function invalidToken(why: string): StatusError {
  return badRequest(`invalid continue token: continue key is not valid:${why}`);
}
