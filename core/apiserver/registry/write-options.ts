import { FieldErrors, FieldPath, type FieldValidation } from "../../api/index.ts";
import type { ServerRequest } from "../request/request.ts";
import { invalid } from "../request/status-error.ts";
import type { DeleteRequest } from "./delete-object.ts";

const optionKinds: Readonly<Record<string, string>> = {
  create: "CreateOptions",
  update: "UpdateOptions",
  patch: "PatchOptions",
  delete: "DeleteOptions",
  deletecollection: "DeleteOptions",
};

/** Kind of the options that a request of the verb comes with. */
export const optionKind = (verb: string): string => optionKinds[verb] ?? "CreateOptions";

const at = {
  dryRun: FieldPath.of("dryRun"),
  fieldManager: FieldPath.of("fieldManager"),
  fieldValidation: FieldPath.of("fieldValidation"),
  force: FieldPath.of("force"),
  propagationPolicy: FieldPath.of("propagationPolicy"),
};
const validations = ["", "Ignore", "Strict", "Warn"];
const policies = ["Foreground", "Background", "Orphan"];
const longestManager = 128;

/** Holds the query of a write against what it may say. @throws StatusError 422 with everything that is wrong */
export function checkWriteOptions({
  query,
  body,
  info,
}: Pick<ServerRequest, "query" | "body" | "info">): void {
  const isApply = body.contentType.startsWith("application/apply-patch");
  // Most writes say nothing.
  if (query.size === 0 && !isApply) return;
  const errors = new FieldErrors();
  const verb = info.isResource ? info.verb : "";
  const manager = query.get("fieldManager") ?? "";
  if (verb === "patch" && isApply && manager === "")
    errors.required(at.fieldManager, "is required for apply patch");
  if (verb === "patch" && !isApply && query.has("force"))
    errors.forbidden(at.force, "may not be specified for non-apply patch");
  checkManager(errors, manager);
  checkDryRun(errors, query.getAll("dryRun"));
  const validation = query.get("fieldValidation") ?? "";
  if (!validations.includes(validation)) errors.notSupported(at.fieldValidation, validation, validations);
  demand(errors, optionKind(verb));
}

/** Of a request that {@link checkWriteOptions} has passed. */
export function fieldValidation(request: Pick<ServerRequest, "query" | "body" | "info">): FieldValidation {
  checkWriteOptions(request);
  return (request.query.get("fieldValidation") || "Warn") as FieldValidation;
}

/** @throws StatusError 422 */
export function checkDeleteOptions({
  propagationPolicy,
  orphanDependents,
  dryRun = [],
}: DeleteRequest): void {
  const errors = new FieldErrors();
  if (propagationPolicy !== undefined && orphanDependents !== undefined)
    errors.invalid(
      at.propagationPolicy,
      propagationPolicy,
      "orphanDependents and deletionPropagation cannot be both set",
    );
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy))
    errors.notSupported(at.propagationPolicy, propagationPolicy, [...policies, "nil"]);
  checkDryRun(errors, dryRun);
  demand(errors, "DeleteOptions");
}

function checkDryRun(errors: FieldErrors, asked: readonly string[]): void {
  if (asked.some((one) => one !== "All")) errors.notSupported(at.dryRun, asked, ["All"]);
}

function checkManager(errors: FieldErrors, manager: string): void {
  if (Buffer.byteLength(manager) > longestManager) errors.tooLong(at.fieldManager, longestManager);
  // Of all spaces the plain one can be seen.
  const position = manager.search(/(?! )[\p{C}\p{Z}]/u);
  if (position < 0) return;
  const point = manager.codePointAt(position)!.toString(16).toUpperCase().padStart(4, "0");
  errors.invalid(at.fieldManager, manager, `invalid character U+${point} (at position ${position})`);
}

function demand({ list }: FieldErrors, kind: string): void {
  if (list.length > 0) throw invalid({ group: "meta.k8s.io", resource: "", kind }, "", list);
}
