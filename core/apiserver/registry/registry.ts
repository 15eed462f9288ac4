import { deepEqual, type Kind, warningsOnCreate, warningsOnUpdate } from "../../api/index.ts";
import type { AdmissionChain, AdmissionRequest, WriteOutcome } from "../admission/admission.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import {
  alreadyExists,
  beingDeleted,
  badRequest,
  conflict,
  generatedNameTaken,
  methodNotAllowed,
  modifiedMessage,
  notFound,
  unnamedError,
} from "../request/status-error.ts";
import { checkChanged, checkNew, setDefaults } from "./object-checks.ts";
import { beginLife, type Draft, generatedName, type Meta, keepServerFields } from "./object-meta.ts";
import type { ObjectStore } from "./object-store.ts";
import { ownersAfter, setOwners } from "./managed-fields.ts";
import { countGeneration, hasGeneration, isolateStatus } from "./status-isolation.ts";
import { type Strategies, strategyOf, type WriteContext } from "./strategy.ts";

/** Attempts of a change that carries no resourceVersion while others change the same object. */
const updateAttempts = 16;
const nameAttempts = 8;
const whileTerminating = "create not allowed while custom resource definition is terminating";

export interface Registry {
  readonly objects: ObjectStore;
  readonly admission: AdmissionChain;
  readonly strategies: Strategies;
}

/** Stores a new object. @throws StatusError 409 when the name is taken, 422, 403 */
export async function createObject(
  registry: Registry,
  kind: Kind,
  object: Draft,
  context: WriteContext,
): Promise<CachedObject> {
  const { objects } = registry;
  const { metadata } = object;
  const { resourceVersion } = metadata;
  if (kind.custom?.terminating) throw methodNotAllowed(whileTerminating);
  const strategy = strategyOf(registry.strategies, kind);
  const { ttlSeconds } = strategy;
  const generate = !metadata.name && metadata.generateName;
  beginLife(metadata, context.now);
  setDefaults(kind, object);
  const owners = context.applying ? metadata.managedFields : ownersAfter(kind, object, undefined, context);
  setOwners(object, owners);
  const admission = showing(context, {
    ...request(context),
    operation: "CREATE" as const,
    kind,
    subresource: "",
    namespace: metadata.namespace ?? "",
    name: metadata.name ?? "",
    object,
  });
  const mutating = registry.admission.mutate(admission);
  if (mutating) await mutating;
  setOwners(object, owners);
  setDefaults(kind, object);
  if (hasGeneration(kind, object)) metadata.generation = 1;
  else if (metadata.generation !== undefined) delete metadata.generation;
  for (let attempt = 1; ; attempt++) {
    if (generate) metadata.name = generatedName(metadata.generateName!);
    const preparing = strategy.prepareForCreate?.(object, context);
    if (preparing) await preparing;
    let stored: CachedObject | undefined;
    try {
      checkNew(kind, object);
      if (/^0*[1-9]\d*$/.test(resourceVersion ?? ""))
        throw unnamedError("resourceVersion should not be set on objects to be created");
      if (attempt === 1) context.warnings.push(...warningsOnCreate(kind, object));
      stored = await registry.admission.guarded(
        admission,
        () => (context.dryRun ? rehearsed(objects, kind, object) : objects.create(kind, object, ttlSeconds)),
        (made) => (made && !context.dryRun ? "stored" : "failed"),
      );
    } finally {
      if (!stored || context.dryRun) await strategy.abandonCreate?.(object);
    }
    if (stored) return stored;
    if (generate && attempt < nameAttempts) continue;
    throw takenName(registry, kind, metadata);
  }
}

function takenName(
  { objects }: Registry,
  kind: Kind,
  { namespace = "", name = "", generateName }: Meta,
): Error {
  if (generateName) return generatedNameTaken(kind, name);
  const there = objects.cached(kind, namespace, name)?.object<Draft>();
  return (there?.metadata.deletionTimestamp ? beingDeleted : alreadyExists)(kind, name);
}

/** As it would be stored; undefined when something stands there already. */
async function rehearsed(objects: ObjectStore, kind: Kind, object: Draft): Promise<CachedObject | undefined> {
  const { namespace = "", name = "" } = object.metadata;
  return objects.cached(kind, namespace, name) ? undefined : objects.rehearse(kind, object);
}

/** Makes the new object of the present one; called again when somebody else was faster. */
export type Change = (current: CachedObject) => Draft | Promise<Draft>;

/**
 * Changes an object. The change's metadata.resourceVersion, when set, must be the present one.
 * @throws StatusError 404, 409, 422, 403
 */
export async function updateObject(
  registry: Registry,
  kind: Kind,
  namespace: string,
  name: string,
  change: Change,
  context: WriteContext,
): Promise<CachedObject> {
  const { objects } = registry;
  let stored = objects.cached(kind, namespace, name) ?? (await objects.read(kind, namespace, name));
  for (let attempt = 1; attempt <= updateAttempts; attempt++) {
    if (!stored) throw notFound(kind, name);
    const current = await objects.seen(kind, stored);
    const object = await change(current);
    const asked = askedRevision(object.metadata);
    if (asked && asked !== String(current.revision)) {
      const newest = await objects.read(kind, namespace, name);
      if (newest?.revision === current.revision) throw conflict(kind, name, modifiedMessage);
      stored = newest;
      continue;
    }
    const old = current.object<Draft>();
    checkIdentity(object, old, name);
    const prepared = await prepareChange(registry, kind, object, old, context);
    const stale = objects.isStale(kind, stored);
    const written = await registry.admission.guarded(
      prepared,
      () => writeChange(registry, prepared, current, stale, context),
      ({ outcome }) => outcome,
    );
    if (written.result) return written.result;
    if (asked && !written.left) throw conflict(kind, name, modifiedMessage);
    stored = written.present;
  }
  throw conflict(kind, name, "it is being changed by many at once; try again");
}

/** undefined for a change that takes whatever state it finds. @throws StatusError 500 */
function askedRevision({ resourceVersion }: Meta): string | undefined {
  if (!resourceVersion) return undefined;
  if (!/^\d+$/.test(resourceVersion))
    throw unnamedError(`strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
  const revision = resourceVersion.replace(/^0+/, "");
  return revision === "" ? undefined : revision;
}

interface WrittenChange {
  readonly outcome: WriteOutcome;
  /** Absent when somebody else was faster. */
  readonly result?: CachedObject;
  /** What stands there instead. */
  readonly present?: CachedObject | undefined;
  /** It was to be removed. */
  readonly left?: boolean;
}

async function writeChange(
  { objects, strategies }: Registry,
  { kind, object, changed, leaves }: PreparedChange,
  current: CachedObject,
  stale: boolean,
  { dryRun }: WriteContext,
): Promise<WrittenChange> {
  if (leaves && !dryRun) {
    const removal = await objects.remove(kind, current);
    if (!removal.removed) return { outcome: "failed", present: removal.current, left: true };
    await strategyOf(strategies, kind).deleted?.(object);
    return { outcome: "removed", result: objects.rehearse(kind, object, current.revision) };
  }
  if (!changed && !stale) return { outcome: "stored", result: current };
  if (dryRun) return { outcome: "failed", result: objects.rehearse(kind, object, current.revision) };
  const { ttlSeconds } = strategyOf(strategies, kind);
  const update = await objects.update(kind, object, current, ttlSeconds);
  if (update.written) return { outcome: "stored", result: update.object! };
  return { outcome: "failed", present: update.object };
}

/** A name in the body that is not the object's own is a mistake of the caller's. */
function checkIdentity(object: Draft, old: Draft, name: string): void {
  const { metadata } = object;
  if (metadata.name && metadata.name !== name)
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  if (metadata.namespace && metadata.namespace !== old.metadata.namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

/** A change, ready for those who may refuse it. */
type PreparedChange = AdmissionRequest & {
  readonly object: Draft;
  readonly changed: boolean;
  /** A deletion that waited for this change ends with it. */
  readonly leaves: boolean;
};

async function prepareChange(
  registry: Registry,
  kind: Kind,
  object: Draft,
  old: Draft,
  context: WriteContext,
): Promise<PreparedChange> {
  const strategy = strategyOf(registry.strategies, kind);
  keepServerFields(object.metadata, old.metadata);
  // Before parts of the old object, which nobody may change, come in.
  setDefaults(kind, object);
  isolateStatus(kind, object, old, context.subresource);
  // What the server itself fills in has no owner.
  const owners = context.applying ? object.metadata.managedFields : ownersAfter(kind, object, old, context);
  await strategy.prepareForUpdate?.(object, old, context);
  setOwners(object, owners);
  const admission = showing(context, {
    operation: "UPDATE" as const,
    kind,
    subresource: context.subresource,
    namespace: old.metadata.namespace ?? "",
    name: old.metadata.name ?? "",
    object,
    old,
    ...request(context),
  });
  await registry.admission.mutate(admission);
  setOwners(object, owners);
  // A node that is found for a pod is not what its author wants otherwise.
  if (context.subresource !== "binding") countGeneration(kind, object, old);
  checkChanged(kind, object, old, context.subresource, context.warnings);
  if (context.subresource === "") context.warnings.push(...warningsOnUpdate(kind, object, old));
  object.metadata.resourceVersion = old.metadata.resourceVersion;
  const [changed, leaves] = [!deepEqual(object, old), mayLeaveNow(registry, kind, object)];
  return { ...admission, changed, leaves };
}

/** A deletion that waited for others ends with the write that takes away the last thing it waited for. */
function mayLeaveNow(registry: Registry, kind: Kind, object: Draft): boolean {
  const { metadata } = object;
  if (!metadata.deletionTimestamp || (metadata.finalizers ?? []).length > 0) return false;
  if ((metadata.deletionGracePeriodSeconds ?? 0) > 0) return false;
  return strategyOf(registry.strategies, kind).mayLeave?.(object) ?? true;
}

/** With what webhooks and policies see instead: anew for each who asks, as the object changes on its way. */
function showing<T extends AdmissionRequest>({ show }: WriteContext, asked: T): T {
  if (!show) return asked;
  const get = (): AdmissionRequest["shown"] => show(asked.object, asked.old);
  return Object.defineProperty(asked, "shown", { get, enumerable: true });
}

type Asked = Pick<WriteContext, "user" | "verb" | "dryRun" | "warnings" | "signal" | "audit" | "options">;

/** What admission wants to know of a write besides the object. */
export function request({ user, verb, dryRun, warnings, signal, audit, options }: WriteContext): Asked {
  return { user, ...(verb !== undefined && { verb }), dryRun, warnings, signal, audit, options };
}
