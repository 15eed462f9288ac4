import { type Kind, storagePrefix } from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import { ConvertedWatch } from "../cache/converted-watch.ts";
import { type ObjectWatch, type Selection, Watch } from "../cache/watch.ts";
import type { ListReply } from "../request/request.ts";
import { expired, StatusError } from "../request/status-error.ts";
import { isBerthError } from "@berth/base";
import { revisionCompacted } from "../../store/errors.ts";
import { type ContinueToken, decodeContinue, encodeContinue } from "./continue-token.ts";
import type { ParsedListOptions } from "./list-options.ts";
import type { ObjectStore } from "./object-store.ts";

/** A store's page when a selector may drop most of it. */
const selectivePage = 500;

/** Answers a list from the cache; from the store's history when an older snapshot is asked for. */
export async function listObjects(
  objects: ObjectStore,
  kind: Kind,
  selection: Selection,
  options: ParsedListOptions,
  signal: AbortSignal,
): Promise<ListReply> {
  const { store, cache } = objects;
  const prefix = storagePrefix(kind) + (selection.namespace === "" ? "" : `${selection.namespace}/`);
  if (options.continueText !== "") {
    const token = decodeContinue(options.continueText, store.info.id, prefix);
    return fromHistory(objects, kind, selection, options.limit, prefix, token);
  }
  if (options.match === "Exact") {
    const token = { store: store.info.id, revision: Number(options.resourceVersion), afterKey: "" };
    return fromHistory(objects, kind, selection, options.limit, prefix, token);
  }
  if (options.resourceVersion === "") await objects.fresh(signal);
  else await notOlderThan(objects, Number(options.resourceVersion), signal);
  const items: CachedObject[] = [];
  const { limit } = options;
  const kindCache = objects.kindCache(kind);
  let more = false;
  const { revision } = cache;
  const present = kindCache.objects(selection.namespace);
  for (const object of kind.custom ? await objects.seenAll(kind, [...present]) : present) {
    if (!wanted(selection, object)) continue;
    if (limit !== undefined && items.length === limit) {
      more = true;
      break;
    }
    items.push(object);
  }
  const reply: ListReply = { kind: "list", of: kind, revision, items };
  if (!more) return reply;
  const afterKey = items.at(-1)!.key;
  const unselected = selection.matches === undefined && selection.name === "";
  return {
    ...reply,
    continueToken: encodeContinue({ store: store.info.id, revision, afterKey }),
    ...(unselected ? { remaining: kindCache.count(selection.namespace) - items.length } : {}),
  };
}

function wanted(selection: Selection, object: CachedObject): boolean {
  if (selection.name !== "" && object.name !== selection.name) return false;
  return (
    selection.matches === undefined ||
    selection.matches(object.selectable(selection.view, selection.fieldsOf))
  );
}

async function fromHistory(
  objects: ObjectStore,
  kind: Kind,
  selection: Selection,
  limit: number | undefined,
  prefix: string,
  token: ContinueToken,
): Promise<ListReply> {
  const { store } = objects;
  const items: CachedObject[] = [];
  const unselected = selection.matches === undefined && selection.name === "";
  let afterKey = token.afterKey;
  let remaining: number;
  do {
    const pageLimit = limit === undefined ? undefined : unselected ? limit - items.length : selectivePage;
    const page = await readPage(objects, prefix, token.revision, pageLimit, afterKey);
    remaining = page.remaining;
    const stored = page.items.map((item) => objects.kindCache(kind).adopt(item));
    for (const [index, object] of (await objects.seenAll(kind, stored)).entries()) {
      afterKey = object.key;
      if (wanted(selection, object)) items.push(object);
      if (items.length === limit) {
        remaining += page.items.length - index - 1;
        break;
      }
    }
  } while (remaining > 0 && items.length !== limit);
  const reply: ListReply = { kind: "list", of: kind, revision: token.revision, items };
  if (remaining === 0) return reply;
  return {
    ...reply,
    continueToken: encodeContinue({ store: store.info.id, revision: token.revision, afterKey }),
    ...(unselected ? { remaining } : {}),
  };
}

async function readPage(
  { store }: ObjectStore,
  prefix: string,
  revision: number,
  limit: number | undefined,
  afterKey: string,
): Promise<Awaited<ReturnType<ObjectStore["store"]["list"]>>> {
  try {
    return await store.list(prefix, {
      revision,
      ...(limit === undefined ? {} : { limit }),
      ...(afterKey === "" ? {} : { afterKey }),
    });
  } catch (error) {
    if (!isBerthError(error, revisionCompacted)) throw error;
    throw expired(
      "The provided continue parameter or resourceVersion is too old to display a consistent list result. " +
        "You can start a new list without the continue parameter.",
    );
  }
}

/** Waits a moment for a revision that was seen elsewhere; 504 tells the client to come again. */
async function notOlderThan(objects: ObjectStore, revision: number, signal: AbortSignal): Promise<void> {
  if (revision <= objects.cache.revision) return;
  const newest = await objects.store.currentRevision();
  if (revision <= newest) return objects.cache.reached(revision, signal);
  throw new StatusError(504, "Timeout", `Too large resource version: ${revision}, current: ${newest}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
}

/** Starts a watch as its options say: from a revision, from now with the present state first, or both marked apart. */
export async function watchObjects(
  objects: ObjectStore,
  kind: Kind,
  selection: Selection,
  options: ParsedListOptions,
  signal: AbortSignal,
): Promise<ObjectWatch> {
  const { cache } = objects;
  const asked = options.resourceVersion;
  const streaming = options.sendInitialEvents === true;
  const present = streaming || ((asked === "" || asked === "0") && options.sendInitialEvents !== false);
  if (asked === "") await objects.fresh(signal);
  else await notOlderThan(objects, Number(asked), signal);
  const kindCache = objects.kindCache(kind);
  const revisionNow = (): number => cache.revision;
  const { selects, form } = kind.custom ? converting(objects, kind, selection) : plain(selection);
  if (!present) {
    const revision = asked === "" || asked === "0" ? cache.revision : Number(asked);
    return form(new Watch(kindCache, selects, { revision, markEnd: false }, revisionNow));
  }
  const { revision } = cache;
  const there = kindCache.objects(selection.namespace);
  const initial: CachedObject[] = [];
  for (const object of kind.custom ? await objects.seenAll(kind, [...there]) : there)
    if (wanted(selection, object)) initial.push(object);
  const start = { revision, initial, markEnd: streaming && options.bookmarks };
  return form(new Watch(kindCache, selects, start, revisionNow));
}

interface Following {
  /** What is selected among the stored objects. */
  readonly selects: Selection;
  readonly form: (watch: Watch) => ObjectWatch;
}

const plain = (selection: Selection): Following => ({ selects: selection, form: (watch) => watch });

/** Labels and fields are looked at in the form that the watcher sees. */
function converting(objects: ObjectStore, kind: Kind, selection: Selection): Following {
  const { matches: _, ...selects } = selection;
  return {
    selects,
    form: (watch) => new ConvertedWatch(watch, selection, (stored) => objects.seenAll(kind, stored)),
  };
}
