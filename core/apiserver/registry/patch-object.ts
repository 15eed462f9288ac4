import { errorMessage, isBerthError } from "@berth/base";
import {
  type DecodedJson,
  type DecodedObject,
  decodeObject,
  FieldErrors,
  FieldPath,
  type FieldValidation,
  goText,
  jsonPatch,
  type JsonObject,
  type Kind,
  malformedObject,
  malformedPatch,
  mergePatch,
  patchDoesNotApply,
  strategicMergePatch,
  strictDecoding,
} from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import { StatusError, unnamedError, unsupportedMediaType } from "../request/status-error.ts";
import type { Draft } from "./object-meta.ts";
import { asServed, asStored } from "./versions.ts";

export type PatchKind = "json" | "merge" | "strategic" | "apply";

const byMediaType: Readonly<Record<string, PatchKind>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
};

/** The operation that does not fit is not told, as upstream does not. */
const unfit = "the server rejected our request due to an error in our request";
const patchPath = FieldPath.of("patch");

/** @throws StatusError 415, also for a strategic patch of a custom resource, whose fields have no strategies */
export function patchKind(mediaType: string, of?: Kind): PatchKind {
  const how = byMediaType[mediaType];
  const known = Object.keys(byMediaType).filter((one) => !of?.custom || byMediaType[one] !== "strategic");
  if (how && known.includes(mediaType)) return how;
  // Of built-in kinds this is told before anybody looks who would patch what.
  if (!how && !of?.custom)
    throw new StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${known.join(", ")}`,
  );
}

/** The present object with the patch applied, decoded as if it had been sent whole. */
export function patched(
  kind: Kind,
  current: CachedObject,
  how: Exclude<PatchKind, "apply">,
  patch: DecodedJson,
  validation: FieldValidation,
  warnings: string[],
): Draft {
  const apply = (): unknown => {
    const document = asServed(kind, current.copy<JsonObject>());
    if (how === "json") return jsonPatch(document, patch.value);
    return how === "merge"
      ? mergePatch(document, patch.value)
      : strategicMergePatch(kind.type, document, patch.value);
  };
  const decoded = decodePatched(kind, apply, { how, body: patch }, validation);
  const object = asStored(kind, decoded.object) as Draft;
  for (const warning of decoded.warnings) if (!warnings.includes(warning)) warnings.push(warning);
  object.metadata ??= {};
  return object;
}

/** Of a patch that says nothing of it: so it is tried again when somebody else was faster. */
export function withoutRevision(object: Draft, current: CachedObject): Draft {
  if (object.metadata.resourceVersion === String(current.revision)) delete object.metadata.resourceVersion;
  return object;
}

/**
 * What the patch makes of the object, or what is wrong with that, shown with what was sent: kubectl and its users know these
 * answers as 422 for the field `patch`. Nothing of a Secret is shown, which would be found again in the audit log.
 */
function decodePatched(
  kind: Kind,
  apply: () => unknown,
  patch: { readonly how: PatchKind; readonly body: DecodedJson },
  validation: FieldValidation,
): DecodedObject<Draft> {
  try {
    return decodeObject<Draft>(kind, { value: apply(), duplicates: patch.body.duplicates }, validation);
  } catch (error) {
    if (isBerthError(error, patchDoesNotApply)) throw new StatusError(422, "Invalid", unfit, {});
    // Upstream has words for these, and no reason.
    if (
      patch.how === "strategic" &&
      isBerthError(error, malformedPatch) &&
      !/^(?:invalid|json:)/.test(error.message)
    )
      throw unnamedError(error.message);
    const complaint = complaintOf(error, patch.how);
    if (complaint === undefined) throw error;
    const errors = new FieldErrors();
    if (kind.kind === "Secret") errors.invalidUnshown(patchPath, complaint);
    else {
      const shown = patch.how === "strategic" ? goText(patch.body.value) : JSON.stringify(apply());
      errors.invalid(patchPath, shown, complaint);
    }
    throw unfitPatch(errors.list[0]!.message);
  }
}

function complaintOf(error: unknown, how: PatchKind): string | undefined {
  if (isBerthError(error, strictDecoding))
    return error.message.slice(error.message.indexOf("strict decoding"));
  if (!isBerthError(error, malformedObject) || !error.cause) return undefined;
  const message = errorMessage(error.cause);
  return how === "strategic" ? restored(message) : message;
}

const goKinds: Readonly<Record<string, string>> = { array: "slice", object: "map", number: "int64" };

/** What a strategic patch makes is no JSON any more when it is read: the same mistakes are told in other words. */
function restored(message: string): string {
  const [, found, type] =
    /^json: cannot unmarshal (\w+) into Go struct field \S+ of type (\S+)$/.exec(message) ?? [];
  if (found === undefined || type === undefined) return message;
  const kind = goKinds[found] ?? found;
  if (type.startsWith("[]")) return `cannot restore slice from ${kind}`;
  if (type.startsWith("map[")) return `cannot restore map from ${kind}`;
  if (type.includes(".")) return `cannot restore struct from: ${kind}`;
  return found === "number" && type === "string"
    ? `cannot convert ${kind} to ${type}`
    : `unrecognized type: ${type}`;
}

/** The message names no object, as the real one does not. */
function unfitPatch(message: string): StatusError {
  const cause = { reason: "FieldValueInvalid", field: String(patchPath), message };
  return new StatusError(422, "Invalid", ` "" is invalid: ${cause.field}: ${message}`, { causes: [cause] });
}
