import { type Kind, storagePrefix } from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import { ConvertedWatch } from "../cache/converted-watch.ts";
import { FailedWatch } from "../cache/failed-watch.ts";
import { type ObjectWatch, type Selection, Watch } from "../cache/watch.ts";
import type { ListReply } from "../request/request.ts";
import { expired, isStatusError } from "../request/status-error.ts";
import { isBerthError } from "@berth/base";
import { revisionCompacted } from "../../store/errors.ts";
import {
  anyRevision,
  type ContinueToken,
  decodeContinue,
  encodeContinue,
  snapshotGone,
} from "./continue-token.ts";
import type { ParsedListOptions } from "./list-options.ts";
import type { ObjectStore } from "./object-store.ts";
import { notOlderThan, tooLargeRevision } from "./requested-revision.ts";

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
    const revision = token.revision === anyRevision ? await store.currentRevision() : token.revision;
    return fromHistory(objects, kind, selection, options.limit, prefix, { ...token, revision });
  }
  if (wantsExactly(options)) {
    const revision = Number(options.resourceVersion);
    const token = { store: store.info.id, revision, afterKey: "" };
    const newest = await store.currentRevision();
    if (revision > newest) throw tooLargeRevision(options.resourceVersion, newest, false);
    return fromHistory(objects, kind, selection, options.limit, prefix, token);
  }
  await notOlderThan(objects, options.resourceVersion, signal);
  const items: CachedObject[] = [];
  // What may be as old as it likes comes whole.
  const limit = options.resourceVersion === "0" ? undefined : options.limit;
  const kindCache = objects.kindCache(kind);
  let more = false;
  const { revision } = cache;
  const present = kindCache.objects(selection.namespace);
  for (const object of kind.custom ? await objects.seenAll(kind, [...present]) : present) {
    if (!isNamed(selection, object)) continue;
    // Whether any of those that follow is wanted shows when they are asked for.
    if (limit !== undefined && items.length === limit) {
      more = true;
      break;
    }
    if (wanted(selection, object)) items.push(object);
  }
  const reply: ListReply = { kind: "list", of: kind, revision, items };
  if (!more) return reply;
  const afterKey = items.at(-1)!.key;
  const unselected = selection.matches === undefined && selection.name === "";
  return {
    ...reply,
    continueToken: encodeContinue({ store: store.info.id, revision, afterKey }, prefix),
    ...(unselected ? { remaining: kindCache.count(selection.namespace) - items.length } : {}),
  };
}

/** A page of a revision is of that revision even when the query does not say so: the pages that follow are. */
function wantsExactly({ match, resourceVersion, limit }: ParsedListOptions): boolean {
  if (match !== "") return match === "Exact";
  return limit !== undefined && resourceVersion !== "" && resourceVersion !== "0";
}

const isNamed = ({ name }: Selection, object: CachedObject): boolean => name === "" || object.name === name;

function wanted(selection: Selection, object: CachedObject): boolean {
  if (!isNamed(selection, object)) return false;
  return selection.matches === undefined || selection.matches(object);
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
    const page = await readPage(objects, prefix, token, pageLimit, afterKey);
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
    continueToken: encodeContinue({ store: store.info.id, revision: token.revision, afterKey }, prefix),
    ...(unselected ? { remaining } : {}),
  };
}

async function readPage(
  { store }: ObjectStore,
  prefix: string,
  token: ContinueToken,
  limit: number | undefined,
  afterKey: string,
): Promise<Awaited<ReturnType<ObjectStore["store"]["list"]>>> {
  try {
    return await store.list(prefix, {
      revision: token.revision,
      ...(limit === undefined ? {} : { limit }),
      ...(afterKey === "" ? {} : { afterKey }),
    });
  } catch (error) {
    if (!isBerthError(error, revisionCompacted)) throw error;
    throw token.afterKey === ""
      ? expired("The resourceVersion for the provided list is too old.")
      : snapshotGone(token, prefix);
  }
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
  const streaming = options.sendInitialEvents;
  const present = streaming;
  // Changes that are yet to come are waited for in the watch itself.
  if (present || asked === "") await notOlderThan(objects, asked, signal);
  const kindCache = objects.kindCache(kind);
  const { selects, form } = kind.custom ? converting(objects, kind, selection) : plain(selection);
  if (!present) {
    const revision = asked === "" || asked === "0" ? cache.revision : Number(asked);
    try {
      return form(new Watch(kindCache, selects, { revision, markEnd: false }, cache));
    } catch (error) {
      // Whoever was let in is told in the stream, where he is told the same later too.
      if (isStatusError(error)) return new FailedWatch(error);
      throw error;
    }
  }
  const { revision } = cache;
  const there = kindCache.objects(selection.namespace);
  const initial: CachedObject[] = [];
  for (const object of kind.custom ? await objects.seenAll(kind, [...there]) : there)
    if (wanted(selection, object)) initial.push(object);
  const start = { revision, initial, markEnd: streaming && options.bookmarks };
  return form(new Watch(kindCache, selects, start, cache));
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
