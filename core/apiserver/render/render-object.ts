import {
  groupVersion,
  type JsonObject,
  type Kind,
  plainMetadata,
  type Printed,
  type Table,
  toTable,
} from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import { asServed, isStoredForm, storedKind } from "../registry/versions.ts";
import type { ListReply } from "../request/request.ts";
import { badRequest, notAcceptable } from "../request/status-error.ts";
import type { OutputForm } from "./accept.ts";

/** What decides about the bytes of an answer, besides the objects. */
export interface Rendering {
  readonly form: OutputForm;
  readonly includeObject: "None" | "Metadata" | "Object";
  /** Milliseconds since the epoch: ages in tables count to it. */
  readonly now: number;
  /** The reader of a watch has been told the columns of its tables. */
  readonly withoutColumns?: boolean;
}

/** @throws StatusError 400; only where a table is asked for does it matter */
export function includeObjectOf(query: URLSearchParams, form: OutputForm): Rendering["includeObject"] {
  const asked = query.get("includeObject") ?? "";
  if (asked === "" || asked === "Metadata" || form.as !== "table") return "Metadata";
  if (asked === "None" || asked === "Object") return asked;
  const why = `Invalid value: ${JSON.stringify(asked)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: includeObject: ${why}`);
}

/** One object, in the form asked for. The plain form is the cache's own bytes. */
export function objectBytes(kind: Kind, object: CachedObject, rendering: Rendering): Buffer {
  const { form } = rendering;
  if (form.as === "table") {
    const metadata = { resourceVersion: String(object.revision) };
    return Buffer.from(JSON.stringify(tableOfStored(kind, [object], rendering, metadata)));
  }
  if (form.as !== "object") return Buffer.from(JSON.stringify(metadataOf(object, form.version)));
  if (isStoredForm(kind)) return object.bytes;
  return Buffer.from(JSON.stringify(asServed(kind, object.object<JsonObject>())));
}

function metadataOf(object: CachedObject, version: string): object {
  const metadata = plainMetadata(object.object<JsonObject>());
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata };
}

/** @throws StatusError 406 where the metadata of one object is asked for and there are many, or the other way round */
export function checkMany({ as }: OutputForm, { type }: Kind, many: boolean): void {
  const [group = "", , kind = ""] = type.split(".");
  if (many && as === "metadata")
    throw notAcceptable(
      `you requested PartialObjectMetadata, but the requested object is a list (*${group}.${kind}List)`,
    );
  if (!many && as === "metadata-list")
    throw notAcceptable(
      `you requested PartialObjectMetadataList, but the requested object is not a list (*${group}.${kind})`,
    );
}

/** Rows tell of what is stored: on its way through another version it may lose its order. */
function tableOfStored(
  kind: Kind,
  objects: readonly CachedObject[],
  rendering: Rendering,
  metadata: ListMeta,
): object {
  const stored = objects.map((one) => one.object<JsonObject>());
  const served = (): JsonObject[] => stored.map((one) => asServed(kind, one));
  if (kind.custom || isStoredForm(kind)) return tableOf(kind, served(), rendering, metadata);
  const table = tableOf({ ...storedKind(kind), columns: kind.columns }, stored, rendering, metadata);
  if (rendering.includeObject !== "Object") return table;
  const shown = served();
  return { ...table, rows: table.rows.map((row, index) => ({ ...row, object: shown[index]! })) };
}

/** @param metadata of the list; of a single object it is the object's own revision */
export function tableOf(
  kind: Printed,
  seen: readonly JsonObject[],
  { form, includeObject, now, withoutColumns = false }: Rendering,
  metadata: ListMeta,
): Table {
  const table = toTable(kind, seen, { now, includeObject, metadata, withoutColumns });
  if (form.version === "v1") return table;
  const apiVersion = `meta.k8s.io/${form.version}`;
  if (includeObject !== "Metadata" || seen.length === 0) return { ...table, apiVersion };
  const rows = table.rows.map((row) => ({ ...row, object: { ...(row.object as object), apiVersion } }));
  return { ...table, apiVersion, rows };
}

interface ListMeta {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

const comma = Buffer.from(",");
const brace = Buffer.from("{");

/** A list as pieces of bytes, so that a large one is never copied whole. */
export function listPieces(reply: ListReply, rendering: Rendering): Buffer[] {
  const { of: kind, items } = reply;
  const { form } = rendering;
  const metadata: ListMeta = {
    resourceVersion: String(reply.revision),
    ...(reply.continueToken === undefined ? {} : { continue: reply.continueToken }),
    ...(reply.remaining === undefined ? {} : { remainingItemCount: reply.remaining }),
  };
  if (form.as === "table") {
    return [Buffer.from(JSON.stringify(tableOfStored(kind, items, rendering, metadata)))];
  }
  // Lists of custom resources say that nothing follows.
  if (kind.custom && form.as !== "metadata") metadata.continue ??= "";
  const head =
    form.as !== "object"
      ? { kind: "PartialObjectMetadataList", apiVersion: `meta.k8s.io/${form.version}`, metadata }
      : { kind: `${kind.kind}List`, apiVersion: groupVersion(kind), metadata };
  // Nobody has begun this list where there is nothing to put into it.
  if (form.as !== "object" && items.length === 0)
    return [Buffer.from(`${JSON.stringify({ ...head, items: null })}\n`)];
  const pieces: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`)];
  const named = form.as === "object" && kind.custom === undefined ? namedStart(kind) : undefined;
  for (const [index, item] of items.entries()) {
    if (index > 0) pieces.push(comma);
    const bytes = objectBytes(kind, item, rendering);
    if (named && bytes.subarray(0, named.length).equals(named))
      pieces.push(brace, bytes.subarray(named.length));
    else pieces.push(bytes);
  }
  pieces.push(Buffer.from("]}\n"));
  // Without items, the list of metadata has none at all.
  if (items.length === 0 && form.as !== "object")
    return [Buffer.from(JSON.stringify({ ...head, items: null }))];
  return pieces;
}

/** How a built-in object begins. Typed servers leave it out in lists, where the list's kind says it once. */
function namedStart(kind: Kind): Buffer {
  return Buffer.from(`${JSON.stringify({ apiVersion: groupVersion(kind), kind: kind.kind }).slice(0, -1)},`);
}
