import { isBerthError } from "@berth/base";
import {
  decodeAs,
  type DecodedJson,
  deepCopy,
  type JsonObject,
  type Kind,
  malformedObject,
  namedType,
} from "../../api/index.ts";
import { shownServed } from "../admission/shown-request.ts";
import { isTrue, type ResourceRequest } from "../request/request-info.ts";
import type { Reply, ServerRequest } from "../request/request.ts";
import {
  badRequest,
  conflict,
  type StatusError,
  methodNotAllowed,
  notFound,
  revisionNeeded,
  successStatus,
} from "../request/status-error.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import { outputForm, streamForm } from "../render/accept.ts";
import { includeObjectOf } from "../render/render-object.ts";
import { applyObject } from "./apply-object.ts";
import { deleteObject, type DeleteRequest, type Deletion } from "./delete-object.ts";
import { listObjects, watchObjects } from "./list-objects.ts";
import { integer, parseListOptions } from "./list-options.ts";
import type { Draft } from "./object-meta.ts";
import { patched, type PatchKind, patchKind, withoutRevision } from "./patch-object.ts";
import { createObject, type Registry, updateObject } from "./registry.ts";
import { warnOfOrphans } from "./orphan-warning.ts";
import { notOlderThan, requestedRevision } from "./requested-revision.ts";
import { mediaType, readApply, readObject, readValue } from "./request-object.ts";
import { selectionOf } from "./selection.ts";
import { isShownGone } from "./shown-gone.ts";
import { type Strategy, strategyOf, type WriteContext } from "./strategy.ts";
import { asStored, isStoredForm, storedKind } from "./versions.ts";
import { checkDeleteOptions, checkWriteOptions, fieldValidation, optionKind } from "./write-options.ts";

const endpointsAreOld = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

/** Answers the verbs that every stored kind has, on the object itself and on its status. */
export function handleResource(
  registry: Registry,
  kind: Kind,
  request: ServerRequest,
  info: ResourceRequest,
  now: number,
): Promise<Reply> {
  demandForm(request, info);
  if (kind.type === "core.v1.Endpoints") request.warnings.push(endpointsAreOld);
  switch (info.verb) {
    case "get":
      return get(registry, kind, request, info);
    case "list":
    case "watch":
      return listOrWatch(registry, kind, request, info);
    case "create":
      return create(registry, kind, request, info, now);
    case "update":
      return replace(registry, kind, request, info, now);
    case "patch":
      return patch(registry, kind, request, info, now);
    case "delete":
      return remove(registry, kind, request, info, now);
    case "deletecollection":
      return removeAll(registry, kind, request, info, now);
    default:
      throw methodNotAllowed(`the server does not allow ${request.method} on ${kind.resource}`);
  }
}

/** Before anything is done for a client who could not be told of it. @throws StatusError 406, 400 */
function demandForm({ headers, query }: ServerRequest, { verb }: ResourceRequest): void {
  const { accept } = headers;
  includeObjectOf(query, verb === "watch" ? streamForm(accept) : outputForm(accept));
}

async function get(
  { objects }: Registry,
  kind: Kind,
  request: ServerRequest,
  info: ResourceRequest,
): Promise<Reply> {
  const late = notOlderThan(objects, requestedRevision(request.query), request.signal);
  if (late) await late;
  const object = objects.cached(kind, info.namespace, info.name);
  if (!object) throw notFound(kind, info.name);
  return {
    kind: "stored",
    status: 200,
    of: kind,
    object: kind.custom ? await objects.seen(kind, object) : object,
  };
}

async function listOrWatch(
  { objects }: Registry,
  kind: Kind,
  request: ServerRequest,
  info: ResourceRequest,
): Promise<Reply> {
  const selection = selectionOf(kind, info.namespace, info.name, request.query);
  const options = parseListOptions(request.query, info.verb === "watch");
  if (info.verb === "list") return await listObjects(objects, kind, selection, options, request.signal);
  const watch = await watchObjects(objects, kind, selection, options, request.signal);
  return {
    kind: "watch",
    of: kind,
    watch,
    bookmarks: options.bookmarks,
    timeoutSeconds: options.timeoutSeconds,
  };
}

async function create(
  registry: Registry,
  kind: Kind,
  request: ServerRequest,
  info: ResourceRequest,
  now: number,
): Promise<Reply> {
  const object = asStored(kind, await readObject(request, kind)) as Draft;
  placeInNamespace(kind, object, info.namespace);
  const context = shownTo(kind, writeContext(request, info, now));
  const stored = await createObject(registry, storedKind(kind), object, context);
  return { kind: "stored", status: 201, of: kind, object: stored };
}

function placeInNamespace(kind: Kind, object: Draft, namespace: string): void {
  const { metadata } = object;
  if (!kind.namespaced) {
    if (metadata.namespace) throw badRequest("namespace is not allowed on this type");
    return;
  }
  if (namespace === "") throw badRequest("an empty namespace may not be set during creation");
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  metadata.namespace = namespace;
}

async function replace(
  registry: Registry,
  kind: Kind,
  request: ServerRequest,
  info: ResourceRequest,
  now: number,
): Promise<Reply> {
  const object = asStored(kind, await readObject(request, kind)) as Draft;
  const stays = storedKind(kind);
  const context = shownTo(kind, writeContext(request, info, now));
  if (!object.metadata.name) throw nameMissing(info.name);
  const present = registry.objects.cached(kind, info.namespace, info.name);
  const strategy = strategyOf(registry.strategies, stays);
  if (!present && info.subresource === "" && strategy.createOnUpdate) {
    placeInNamespace(kind, object, info.namespace);
    const made = await createObject(registry, stays, object, context);
    return { kind: "stored", status: 201, of: kind, object: made };
  }
  const change = (current: CachedObject): Draft => {
    checkUid(registry, kind, current, object.metadata.uid);
    checkRevisionSaid(strategy, kind, info.name, object);
    return deepCopy(object);
  };
  const stored = await updateObject(registry, stays, info.namespace, info.name, change, context);
  return { kind: "stored", status: 200, of: kind, object: stored };
}

/** Who puts an object in the place of another says so by its uid, and is held to it. @throws StatusError 409 */
function checkUid({ objects }: Registry, kind: Kind, current: CachedObject, asked: string | undefined): void {
  const { uid } = current.object<Draft>().metadata;
  if (!asked || asked === uid) return;
  const why = `Precondition failed: UID in precondition: ${asked}, UID in object meta: ${uid}`;
  const key = objects.key(kind, current.namespace, current.name);
  const said = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
  throw conflict(kind, current.name, said);
}

function nameMissing(name: string): StatusError {
  return badRequest(
    `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
  );
}

/** @throws StatusError 422 */
function checkRevisionSaid(strategy: Strategy, kind: Kind, name: string, { metadata }: Draft): void {
  if (strategy.demandsRevision && !metadata.resourceVersion) throw revisionNeeded(kind, name);
}

async function patch(
  registry: Registry,
  kind: Kind,
  request: ServerRequest,
  info: ResourceRequest,
  now: number,
): Promise<Reply> {
  const how = patchKind(mediaType(request.body.contentType), kind);
  const context = shownTo(kind, writeContext(request, info, now));
  if (how === "apply") {
    const wanted = asStored(kind, await readApply(request, kind)) as Draft;
    const force = isTrue(request.query.get("force"));
    const { object, created } = await applyObject(registry, storedKind(kind), info, wanted, force, context);
    return { kind: "stored", status: created ? 201 : 200, of: kind, object };
  }
  const body = await readPatch(request, how);
  const validation = fieldValidation(request);
  const strategy = strategyOf(registry.strategies, storedKind(kind));
  const stored = await updateObject(
    registry,
    storedKind(kind),
    info.namespace,
    info.name,
    (current) => {
      const object = patched(kind, current, how, body, validation, request.warnings);
      if (!object.metadata.name) throw nameMissing(info.name);
      checkRevisionSaid(strategy, kind, info.name, object);
      return withoutRevision(object, current);
    },
    context,
  );
  return { kind: "stored", status: 200, of: kind, object: stored };
}

async function readPatch({ body }: ServerRequest, how: PatchKind): Promise<DecodedJson> {
  const intro = how === "strategic" ? "" : "error decoding patch: ";
  try {
    const value = await readValue(
      body.kind === "bytes" ? { ...body, contentType: "application/json" } : body,
    );
    if (value) return value;
  } catch (error) {
    const syntax = isBerthError(error, malformedObject) ? error.fields["syntax"] : undefined;
    if (typeof syntax !== "string") throw error;
    throw badRequest(`${intro}${syntax}`);
  }
  throw badRequest(`${intro}unexpected end of JSON input`);
}

async function remove(
  registry: Registry,
  kind: Kind,
  request: ServerRequest,
  info: ResourceRequest,
  now: number,
): Promise<Reply> {
  const asked = await deleteRequest(request);
  warnOfOrphans(kind, asked, request.warnings);
  const context = shownTo(kind, writeContext(request, info, now, asked.dryRun));
  const deletion = await deleteObject(registry, kind, info.namespace, info.name, asked, context);
  return deletionReply(kind, deletion);
}

function deletionReply(kind: Kind, { gone, object }: Deletion): Reply {
  if (!gone || isShownGone(kind)) return { kind: "stored", status: 200, of: kind, object };
  const { uid } = object.object<Draft>().metadata;
  return { kind: "object", status: 200, value: successStatus(kind, object.name, uid) };
}

async function removeAll(
  registry: Registry,
  kind: Kind,
  request: ServerRequest,
  info: ResourceRequest,
  now: number,
): Promise<Reply> {
  const asked = await deleteRequest(request);
  warnOfOrphans(kind, asked, request.warnings);
  const context = shownTo(kind, writeContext(request, info, now, asked.dryRun));
  const selection = selectionOf(kind, info.namespace, "", request.query);
  const options = parseListOptions(request.query, false);
  const list = await listObjects(registry.objects, kind, selection, options, request.signal);
  for (const { namespace, name } of list.items) {
    try {
      await deleteObject(registry, kind, namespace, name, asked, context);
    } catch (error) {
      // Somebody else may have been faster with any of them.
      if (!isMissing(error)) throw error;
    }
  }
  return list;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === 404;
}

/** Options come in the body or, without one, in the query. */
async function deleteRequest(request: ServerRequest): Promise<DeleteRequest> {
  const body = await readOptions(request);
  if (body) {
    const asked = deleteOptions(body);
    checkDeleteOptions(asked);
    return asked;
  }
  const asked: DeleteRequest = {};
  const grace = integer(request.query, "gracePeriodSeconds");
  const policy = request.query.get("propagationPolicy");
  if (grace !== undefined) asked.gracePeriodSeconds = grace;
  if (policy) asked.propagationPolicy = policy;
  const orphan = request.query.get("orphanDependents");
  if (orphan !== null) asked.orphanDependents = isTrue(orphan);
  checkDeleteOptions(asked);
  return asked;
}

async function readOptions({ body }: ServerRequest): Promise<DecodedJson | undefined> {
  try {
    return await readValue(body);
  } catch (error) {
    const syntax = isBerthError(error, malformedObject) ? error.fields["syntax"] : undefined;
    if (typeof syntax !== "string") throw error;
    throw badRequest(`couldn't get version/kind; json parse error: ${syntax}`);
  }
}

/** What is wrong with them is told without the words in which other bodies are refused. */
function deleteOptions(body: DecodedJson): DeleteRequest {
  if (body.value === null) return {};
  const named = namedType("v1", "DeleteOptions")!;
  try {
    return { ...(decodeAs(anyVersion(named, body.value), body, "Ignore").object as DeleteRequest) };
  } catch (error) {
    if (!isBerthError(error, malformedObject)) throw error;
    throw badRequest(
      error.message.replace(/^\w+ in version "\S*" cannot be handled as a DeleteOptions: /, ""),
    );
  }
}

/** DeleteOptions belong to every API group: clients send them under the group of what they delete. */
function anyVersion(named: NonNullable<ReturnType<typeof namedType>>, value: unknown): typeof named {
  const apiVersion = (value as JsonObject | null)?.["apiVersion"];
  return typeof apiVersion === "string" ? { ...named, apiVersion } : named;
}

export function writeContext(
  request: ServerRequest,
  info: ResourceRequest,
  now: number,
  dryRunInBody?: readonly string[],
): WriteContext {
  checkWriteOptions(request);
  const { query } = request;
  // Most writes ask for nothing.
  const dryRun = query.size === 0 ? [] : query.getAll("dryRun");
  const asked = [...dryRun, ...(dryRunInBody ?? [])].filter((one) => one !== "");
  return {
    user: request.user,
    dryRun: asked.length > 0,
    subresource: info.subresource,
    verb: info.verb,
    fieldManager: fieldManagerOf(request),
    warnings: request.warnings,
    signal: request.signal,
    audit: request.audit,
    options: optionsOf(request, info.verb, asked),
    now,
  };
}

/** Webhooks and policies see the version that was asked for. */
function shownTo(kind: Kind, context: WriteContext): WriteContext {
  return isStoredForm(kind) ? context : { ...context, show: (object, old) => shownServed(kind, object, old) };
}

function optionsOf({ query }: ServerRequest, verb: string, dryRun: readonly string[]): JsonObject {
  const options: JsonObject = { apiVersion: "meta.k8s.io/v1", kind: optionKind(verb) };
  if (dryRun.length > 0) options["dryRun"] = dryRun;
  if (query.size === 0) return options;
  for (const name of ["fieldManager", "fieldValidation"])
    if (query.get(name)) options[name] = query.get(name);
  if (isTrue(query.get("force"))) options["force"] = true;
  return options;
}

/** "kubectl" of "kubectl/v1.32 (linux/amd64) …". */
/** As whom the caller writes. */
export function fieldManagerOf({ query, headers }: ServerRequest): string {
  return query.get("fieldManager") ?? agentName(headers["user-agent"]);
}

function agentName(userAgent: string | undefined): string {
  const agent = userAgent ?? "unknown";
  const slash = agent.indexOf("/");
  return (slash < 0 ? agent : agent.slice(0, slash)).slice(0, 128);
}
