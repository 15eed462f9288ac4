import {
  decodeObject,
  type FieldValidation,
  jsonPatch,
  type JsonObject,
  type Kind,
  mergePatch,
  strategicMergePatch,
} from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import { unsupportedMediaType } from "../request/status-error.ts";
import type { Draft } from "./object-meta.ts";
import { asServed, asStored } from "./versions.ts";

export type PatchKind = "json" | "merge" | "strategic" | "apply";

const byMediaType: Readonly<Record<string, PatchKind>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
};

/** @throws StatusError 415, also for a strategic patch of a custom resource, whose fields have no strategies */
export function patchKind(mediaType: string, of?: Kind): PatchKind {
  const how = byMediaType[mediaType];
  const known = Object.keys(byMediaType).filter((one) => !of?.custom || byMediaType[one] !== "strategic");
  if (how && known.includes(mediaType)) return how;
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${known.join(", ")}`,
  );
}

/**
 * The present object with the patch applied, decoded as if it had been sent whole. A patch that says nothing of the
 * resourceVersion leaves none behind, so that it is tried again when somebody else was faster.
 */
export function patched(
  kind: Kind,
  current: CachedObject,
  how: Exclude<PatchKind, "apply">,
  patch: unknown,
  validation: FieldValidation,
  warnings: string[],
): Draft {
  const document = asServed(kind, current.copy<JsonObject>());
  const value =
    how === "json"
      ? jsonPatch(document, patch)
      : how === "merge"
        ? mergePatch(document, patch)
        : strategicMergePatch(kind.type, document, patch);
  const decoded = decodeObject<Draft>(kind, { value }, validation);
  const object = asStored(kind, decoded.object) as Draft;
  for (const warning of decoded.warnings) if (!warnings.includes(warning)) warnings.push(warning);
  object.metadata ??= {};
  if (object.metadata.resourceVersion === String(current.revision)) delete object.metadata.resourceVersion;
  return object;
}
