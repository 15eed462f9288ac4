import { applyFields, decodeObject, type FieldConflict, type Kind, shownPath } from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import { badRequest, conflict, notFound, StatusError } from "../request/status-error.ts";
import { typeOf, untouchedBy, writerOf } from "./managed-fields.ts";
import type { Draft } from "./object-meta.ts";
import { createObject, type Registry, updateObject } from "./registry.ts";
import type { WriteContext } from "./strategy.ts";

/**
 * Server-side apply: brings an object to what one writer says of it, and makes it when it is not there.
 * @throws StatusError 409 when others own a field and say otherwise, unless `force`
 */
export async function applyObject(
  registry: Registry,
  kind: Kind,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  wanted: Draft,
  force: boolean,
  writing: WriteContext,
): Promise<{ object: CachedObject; created: boolean }> {
  checkBody(wanted, namespace, name);
  const context = { ...writing, applying: true };
  const merged = (live: Draft): Draft => {
    const { object, managedFields, conflicts } = applyFields({
      ...typeOf(kind),
      live,
      applied: wanted,
      managedFields: live.metadata.managedFields,
      writer: writerOf(kind, context),
      untouched: untouchedBy(kind, context.subresource),
      force,
    });
    if (conflicts.length > 0) throw conflictError(conflicts);
    // What was applied may be empty, which is never stored.
    const draft = decodeObject<Draft>(kind, { value: object }, "Ignore").object;
    draft.metadata.managedFields = managedFields;
    return draft;
  };
  const head: Draft = {
    apiVersion: wanted.apiVersion,
    kind: wanted.kind,
    metadata: { name, ...(kind.namespaced ? { namespace } : {}) },
  };
  if (!registry.objects.cached(kind, namespace, name)) {
    const { uid } = wanted.metadata;
    if (uid) {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(kind, name, why);
    }
    delete wanted.metadata.resourceVersion;
    if (context.subresource !== "") throw notFound(kind, name);
    return { object: await createObject(registry, kind, merged(head), context), created: true };
  }
  const change = (current: CachedObject): Draft => {
    const draft = merged(current.object<Draft>());
    if (!wanted.metadata.resourceVersion) delete draft.metadata.resourceVersion;
    return draft;
  };
  return { object: await updateObject(registry, kind, namespace, name, change, context), created: false };
}

function checkBody({ metadata }: Draft, namespace: string, name: string): void {
  if (metadata.managedFields) throw badRequest("metadata.managedFields must be nil");
  if ((metadata.name ?? name) !== name)
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  if ((metadata.namespace ?? namespace) !== namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

/** In the words that kubectl shows. */
function conflictError(conflicts: readonly FieldConflict[]): StatusError {
  const causes = conflicts.map(({ path, owner }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${shownOwner(owner)}`,
    field: shownPath(path),
  }));
  const [first] = causes;
  const text =
    causes.length === 1
      ? `Apply failed with 1 conflict: ${first!.message}: ${first!.field}`
      : `Apply failed with ${causes.length} conflicts: ${byOwner(conflicts)}`;
  return new StatusError(409, "Conflict", text, { causes });
}

function byOwner(conflicts: readonly FieldConflict[]): string {
  const owned = Map.groupBy(conflicts, ({ owner }) => shownOwner(owner));
  return [...owned.keys()]
    .sort()
    .flatMap((owner) => [
      `conflicts with ${owner}:`,
      ...owned.get(owner)!.map(({ path }) => `- ${shownPath(path)}`),
    ])
    .join("\n");
}

function shownOwner({ manager, subresource, operation, apiVersion }: FieldConflict["owner"]): string {
  const through = subresource ? ` with subresource ${JSON.stringify(subresource)}` : "";
  const how = operation === "Update" ? ` using ${apiVersion}` : "";
  return `${JSON.stringify(manager)}${through}${how}`;
}
