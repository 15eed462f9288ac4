import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition as Condition,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { deepEqual } from "../json/json-value.ts";

type Request = Partial<CertificateSigningRequest>;

const conditionsAt = FieldPath.of("status", "conditions");
const certificateAt = FieldPath.of("status", "certificate");
const decisions = ["Approved", "Denied"];
const finals = [...decisions, "Failed"];
const allStatuses = ["False", "True", "Unknown"];

const conditionsOf = ({ status }: Request): readonly Condition[] => status?.conditions ?? [];
const certificateOf = ({ status }: Request): string => status?.certificate ?? "";

/**
 * What becomes of a request: decisions stay, only `approval` makes them, and only `status` sets the certificate, once.
 * What was wrong before may stay so.
 */
export function checkCertificateUpdate(
  request: Request,
  old: Request,
  errors: FieldErrors,
  subresource: string,
): void {
  checkConditions(conditionsOf(request), conditionsOf(old), errors);
  const isChanged = certificateOf(request) !== certificateOf(old);
  if (isChanged && certificateProblem(certificateOf(old)) === undefined) {
    const wrong = certificateProblem(certificateOf(request));
    if (wrong !== undefined) errors.invalid(certificateAt, "<certificate data>", wrong);
  }
  checkDecisions(conditionsOf(request), conditionsOf(old), errors, subresource === "approval");
  if (!isChanged) return;
  if (subresource !== "status") errors.forbidden(certificateAt, "updates may not set certificate content");
  else if (certificateOf(old) !== "")
    errors.forbidden(certificateAt, "updates may not modify existing certificate content");
}

function checkConditions(
  conditions: readonly Condition[],
  old: readonly Condition[],
  errors: FieldErrors,
): void {
  const typesBefore = old.map(({ type }) => type);
  const mayBeBoth = decisions.every((type) => typesBefore.includes(type));
  const mayRepeat = new Set(typesBefore).size < typesBefore.length;
  for (const [index, { type = "", status = "" }] of conditions.entries()) {
    const at = conditionsAt.at(index);
    const earlier = conditions.slice(0, index).map((one) => one.type);
    if (type === "" && !typesBefore.includes("")) errors.required(at.child("type"));
    const allowed = finals.includes(type) ? ["True"] : allStatuses;
    if (status === "") errors.required(at.child("status"));
    else if (!allowed.includes(status)) errors.notSupported(at.child("status"), status, allowed);
    const isOther = decisions.some((other) => other !== type && earlier.includes(other));
    if (!mayBeBoth && decisions.includes(type) && isOther)
      errors.invalid(conditionsAt, type, "Approved and Denied conditions are mutually exclusive");
    if (!mayRepeat && earlier.includes(type)) errors.duplicate(at.child("type"), type);
  }
}

function checkDecisions(
  conditions: readonly Condition[],
  old: readonly Condition[],
  errors: FieldErrors,
  mayDecide: boolean,
): void {
  const ofType = (list: readonly Condition[], type: string): Condition[] =>
    list.filter((one) => one.type === type);
  const told = (change: string, type: string): void =>
    errors.forbidden(conditionsAt, `updates may not ${change} a condition of type "${type}"`);
  for (const type of finals)
    if (ofType(conditions, type).length < ofType(old, type).length) told("remove", type);
  if (mayDecide) return;
  for (const type of decisions) {
    const [after, before] = [ofType(conditions, type), ofType(old, type)];
    if (after.length > before.length) told("add", type);
    else if (after.length === before.length && !deepEqual(after, before)) told("modify", type);
  }
}

const block = /-----BEGIN ([^-\n]+)-----\r?\n([\s\S]*?)-----END \1-----/g;

/** Why a text in base64 is no certificate; an empty one is none yet. */
function certificateProblem(text: string): string | undefined {
  if (text === "") return undefined;
  const blocks = [...atob(text).matchAll(block)];
  for (const [, type, inside] of blocks) {
    if (type !== "CERTIFICATE")
      return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (inside!.includes(":")) return "no PEM block headers are permitted";
  }
  return blocks.length === 0 ? "must contain at least one CERTIFICATE PEM block" : undefined;
}
