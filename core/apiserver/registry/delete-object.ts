import { formatTime, type Kind } from "../../api/index.ts";
import type { WriteOutcome } from "../admission/admission.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import { conflict, notFound } from "../request/status-error.ts";
import type { Draft, Meta } from "./object-meta.ts";
import { type Registry, request } from "./registry.ts";
import { type Strategy, strategyOf, type WriteContext } from "./strategy.ts";

/** The body of a delete request; what is absent is up to the kind. */
export interface DeleteRequest {
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
  /** The older form of propagationPolicy. */
  orphanDependents?: boolean;
  preconditions?: { uid?: string; resourceVersion?: string };
  /** `All`, or nothing. */
  dryRun?: string[];
}

/** What became of it: gone, or marked and waiting for a grace period or finalizers. */
export interface Deletion {
  readonly gone: boolean;
  readonly object: CachedObject;
}

const attempts = 16;
const foreground = "foregroundDeletion";
const orphan = "orphan";

/** @throws StatusError 404, 409 when a precondition does not hold, 403 */
export async function deleteObject(
  registry: Registry,
  kind: Kind,
  namespace: string,
  name: string,
  asked: DeleteRequest,
  context: WriteContext,
): Promise<Deletion> {
  const { objects } = registry;
  let stored = objects.cached(kind, namespace, name) ?? (await objects.read(kind, namespace, name));
  for (let attempt = 1; attempt <= attempts; attempt++) {
    if (!stored) throw notFound(kind, name);
    const current = await objects.seen(kind, stored);
    const old = current.object<Draft>();
    checkPreconditions(kind, name, asked, old, current.revision);
    const admission = {
      operation: "DELETE" as const,
      kind,
      subresource: "",
      namespace,
      name,
      old,
      ...request(context),
      shown: context.show?.(undefined, old),
    };
    await registry.admission.mutate(admission);
    const draft = current.copy<Draft>();
    const marked = markForDeletion(registry, kind, draft, asked, context.now);
    const step = await registry.admission.guarded(
      admission,
      () => writeDeletion(registry, kind, current, marked, context),
      ({ outcome }) => outcome,
    );
    if (step.deletion) return lastState(registry, kind, step.deletion, draft);
    stored = step.present;
  }
  throw conflict(kind, name, "it is being changed by many at once; try again");
}

/** What goes with a grace period shows it, though there was none left. */
function lastState(
  { objects, strategies }: Registry,
  kind: Kind,
  deletion: Deletion,
  draft: Draft,
): Deletion {
  if (!deletion.gone || !strategyOf(strategies, kind).gracePeriod) return deletion;
  return { gone: true, object: objects.rehearse(kind, draft, deletion.object.revision) };
}

async function writeDeletion(
  { objects, strategies }: Registry,
  kind: Kind,
  current: CachedObject,
  marked: Draft | "gone" | "unchanged",
  { dryRun }: WriteContext,
): Promise<{ outcome: WriteOutcome; deletion?: Deletion; present?: CachedObject | undefined }> {
  const gone = marked === "gone";
  if (marked === "unchanged" || dryRun) {
    const isMarked = marked !== "unchanged" && marked !== "gone";
    const object = isMarked ? objects.rehearse(kind, marked, current.revision) : current;
    return { outcome: "failed", deletion: { gone, object } };
  }
  if (marked === "gone") {
    const removal = await objects.remove(kind, current);
    if (!removal.removed) return { outcome: "failed", present: removal.current };
    await strategyOf(strategies, kind).deleted?.(current.object<Draft>());
    return { outcome: "removed", deletion: { gone, object: current } };
  }
  const update = await objects.update(kind, marked, current);
  if (update.written) return { outcome: "stored", deletion: { gone, object: update.object! } };
  return { outcome: "failed", present: update.object };
}

function checkPreconditions(
  kind: Kind,
  name: string,
  { preconditions }: DeleteRequest,
  old: Draft,
  revision: number,
): void {
  const { uid, resourceVersion } = preconditions ?? {};
  // This one answer names the kind where all others name the resource.
  const of = { ...kind, resource: kind.kind };
  const differs = (what: string, asked: string, there: string | number | undefined): string =>
    `the ${what} in the precondition (${asked}) does not match the ${what} in record (${there}). The object might have been`;
  if (uid !== undefined && uid !== old.metadata.uid)
    throw conflict(of, name, `${differs("UID", uid, old.metadata.uid)} deleted and then recreated`);
  if (resourceVersion !== undefined && resourceVersion !== String(revision))
    throw conflict(of, name, `${differs("ResourceVersion", resourceVersion, revision)} modified`);
}

/** Changes the draft into its next state of dying, or says that it may go at once, or that nothing changes. */
export function markForDeletion(
  registry: Pick<Registry, "strategies">,
  kind: Kind,
  draft: Draft,
  asked: DeleteRequest,
  now: number,
): Draft | "gone" | "unchanged" {
  const strategy = strategyOf(registry.strategies, kind);
  const { metadata } = draft;
  const already = metadata.deletionTimestamp !== undefined;
  const said = asked.gracePeriodSeconds ?? (already ? metadata.deletionGracePeriodSeconds : undefined);
  const grace = strategy.gracePeriod?.(draft, said) ?? 0;
  const finalizersChanged = setPropagation(metadata, asked, strategy);
  if (!already) {
    metadata.deletionTimestamp = formatTime(now + grace * 1000);
    if (!strategy.deletesWithoutGrace) {
      metadata.deletionGracePeriodSeconds = grace;
      if (metadata.generation !== undefined) metadata.generation++;
    }
    strategy.deletionBegun?.(draft);
  } else if (grace < (metadata.deletionGracePeriodSeconds ?? 0)) {
    const before = metadata.deletionGracePeriodSeconds ?? 0;
    metadata.deletionTimestamp = formatTime(
      Date.parse(metadata.deletionTimestamp!) - (before - grace) * 1000,
    );
    metadata.deletionGracePeriodSeconds = grace;
  } else if (!finalizersChanged && !mayGo(strategy, draft)) return "unchanged";
  return mayGo(strategy, draft) ? "gone" : draft;
}

function mayGo(strategy: Strategy, draft: Draft): boolean {
  const { finalizers = [], deletionGracePeriodSeconds = 0 } = draft.metadata;
  if (finalizers.length > 0 || deletionGracePeriodSeconds > 0) return false;
  return strategy.mayLeave?.(draft) ?? true;
}

/** What the older form says. */
function policyOf({ orphanDependents }: DeleteRequest): string | undefined {
  if (orphanDependents === undefined) return undefined;
  return orphanDependents ? "Orphan" : "Background";
}

/** The collector takes these finalizers off when it has dealt with the dependents. */
function setPropagation(metadata: Meta, asked: DeleteRequest, strategy: Strategy): boolean {
  const before = metadata.finalizers ?? [];
  const isDecided = before.includes(foreground) || before.includes(orphan);
  const usual = strategy.orphans && !isDecided ? "Orphan" : undefined;
  const policy = asked.propagationPolicy ?? policyOf(asked) ?? usual;
  if (policy === undefined) return false;
  const after = before.filter((one) => one !== foreground && one !== orphan);
  if (policy === "Foreground") after.push(foreground);
  if (policy === "Orphan") after.push(orphan);
  if (after.length > 0) metadata.finalizers = after;
  else delete metadata.finalizers;
  return before.join() !== after.join();
}
