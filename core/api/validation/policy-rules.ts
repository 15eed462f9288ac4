import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import type {
  AuditAnnotation,
  MatchResources,
  MutatingAdmissionPolicySpec,
  Mutation,
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicySpec,
  Validation,
} from "../generated/types.ts";
import { qualifiedNameRule } from "../names/name-rules.ts";
import { rule, type TypeRules } from "../schema/check-structure.ts";

const reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"];
const actions = ["Allow", "Deny"];
const variableName = /^[A-Za-z_]\w*$/;

/** What is wrong with admission policies besides their expressions. */
export const policyRules: TypeRules = {
  "admissionregistration.v1.ValidatingAdmissionPolicySpec": rule<ValidatingAdmissionPolicySpec>(
    (spec, at, errors) => {
      const { validations = [] } = spec;
      const auditAnnotations: readonly Partial<AuditAnnotation>[] = spec.auditAnnotations ?? [];
      checkCommon(spec, at, errors);
      if (validations.length === 0 && auditAnnotations.length === 0)
        for (const field of ["validations", "auditAnnotations"])
          errors.required(at.child(field), "validations or auditAnnotations must contain at least one item");
      for (const [index, { key }] of auditAnnotations.entries()) {
        const here = at.child("auditAnnotations").at(index).child("key");
        if (key?.includes("/")) errors.invalid(here, key, "must not contain '/'");
        else if (key) for (const wrong of qualifiedNameRule(key)) errors.invalid(here, key, wrong);
      }
      checkUnique(auditAnnotations, "key", at.child("auditAnnotations"), errors);
    },
  ),
  "admissionregistration.v1.Validation": rule<Validation>(({ message, reason }, at, errors) => {
    if (message !== undefined && message !== "" && message.trim() === "")
      errors.invalid(at.child("message"), message, "message must be non-empty if specified");
    else if (message?.trim().includes("\n"))
      errors.invalid(at.child("message"), message, "message must not contain line breaks");
    if (reason && !reasons.includes(reason)) errors.notSupported(at.child("reason"), reason, reasons);
  }),
  "admissionregistration.v1.MutatingAdmissionPolicySpec": rule<MutatingAdmissionPolicySpec>(
    (spec, at, errors) => {
      checkCommon(spec, at, errors);
      if ((spec.mutations ?? []).length === 0)
        errors.required(at.child("mutations"), "mutations must contain at least one item");
      if (!spec.reinvocationPolicy) errors.required(at.child("reinvocationPolicy"));
    },
  ),
  "admissionregistration.v1.Mutation": rule<Mutation>((mutation, at, errors) => {
    const forms = { ApplyConfiguration: "applyConfiguration", JSONPatch: "jsonPatch" } as const;
    for (const [type, field] of Object.entries(forms)) {
      const form = mutation[field];
      if (mutation.patchType === type && !form?.expression)
        errors.required(at.child(field), `must be specified when patchType is ${type}`);
      if (mutation.patchType !== type && form)
        errors.invalid(at.child(field), form, `must not be set when patchType is not ${type}`);
    }
  }),
  "admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec": rule<
    Partial<ValidatingAdmissionPolicyBindingSpec>
  >(({ validationActions = [] }, at, errors) => {
    for (const [index, action] of validationActions.entries())
      if (validationActions.indexOf(action) < index)
        errors.duplicate(at.child("validationActions").at(index), action);
    if (validationActions.includes("Deny") && validationActions.includes("Warn"))
      errors.invalid(
        at.child("validationActions"),
        validationActions,
        "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)",
      );
  }),
  "admissionregistration.v1.ParamKind": rule<ParamKind>(({ apiVersion, kind }, at, errors) => {
    if (!apiVersion) errors.required(at.child("apiVersion"));
    if (!kind) errors.required(at.child("kind"));
  }),
  "admissionregistration.v1.ParamRef": rule<ParamRef>(
    ({ name, selector, parameterNotFoundAction: action }, at, errors) => {
      if (name && selector)
        for (const field of ["name", "selector"] as const)
          errors.forbidden(at.child(field), "name and selector are mutually exclusive");
      if (!name && !selector) errors.required(at, "one of name or selector must be specified");
      if (!action) errors.required(at.child("parameterNotFoundAction"));
      else if (!actions.includes(action))
        errors.notSupported(at.child("parameterNotFoundAction"), action, actions);
    },
  ),
};

interface Common {
  readonly matchConstraints?: MatchResources;
  readonly variables?: readonly { readonly name?: string }[];
  readonly matchConditions?: readonly { readonly name?: string }[];
}

function checkCommon(
  { matchConstraints, variables = [], matchConditions = [] }: Common,
  at: FieldPath,
  errors: FieldErrors,
): void {
  if (!matchConstraints) errors.required(at.child("matchConstraints"));
  else if ((matchConstraints.resourceRules ?? []).length === 0)
    errors.required(at.child("matchConstraints").child("resourceRules"));
  for (const [index, { name }] of variables.entries())
    if (name && !variableName.test(name))
      errors.invalid(
        at.child("variables").at(index).child("name"),
        name,
        "name is not a valid CEL identifier",
      );
  for (const [index, { name }] of matchConditions.entries()) {
    const here = at.child("matchConditions").at(index).child("name");
    if (name) for (const wrong of qualifiedNameRule(name)) errors.invalid(here, name, wrong);
  }
  checkUnique(variables, "name", at.child("variables"), errors);
  checkUnique(matchConditions, "name", at.child("matchConditions"), errors);
}

function checkUnique<K extends string>(
  list: readonly { readonly [key in K]?: string }[],
  key: K,
  at: FieldPath,
  errors: FieldErrors,
): void {
  for (const [index, { [key]: name }] of list.entries())
    if (list.findIndex((other) => other[key] === name) < index)
      errors.duplicate(at.at(index).child(key), name);
}
