import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import type {
  AuditAnnotation,
  MatchResources,
  MutatingAdmissionPolicyBindingSpec,
  MutatingAdmissionPolicySpec,
  Mutation,
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBindingSpec,
  ValidatingAdmissionPolicySpec,
  Validation,
} from "../generated/types.ts";
import { dns1035LabelRule, dnsSubdomainRule, qualifiedNameRule } from "../names/name-rules.ts";
import { ahead, rule, type TypeRules } from "../schema/check-structure.ts";
import { checkConditionNames } from "./admission-rules.ts";

const reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
const actions = ["Deny", "Allow"];
const matchPolicies = ["Equivalent", "Exact"];
const reinvocations = ["IfNeeded", "Never"];
const variableName = /^[A-Za-z_]\w*$/;
const reserved =
  /^(?:true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)$/;
const patchTypes = { ApplyConfiguration: "applyConfiguration", JSONPatch: "jsonPatch" } as const;

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
    },
  ),
  "admissionregistration.v1.ValidatingAdmissionPolicy": rule<
    Partial<Pick<ValidatingAdmissionPolicy, "metadata" | "spec">>
  >(({ metadata, spec }, at, errors) => {
    const annotations: readonly Partial<AuditAnnotation>[] = spec?.auditAnnotations ?? [];
    for (const [index, { key = "" }] of annotations.entries()) {
      const here = at.child("spec", "auditAnnotations").at(index).child("key");
      const name = `${metadata?.name ?? ""}/${key}`;
      for (const wrong of qualifiedNameRule(name)) errors.invalid(here, name, wrong);
      if (annotations.findIndex((other) => other.key === key) < index) errors.duplicate(here, key);
    }
  }),
  "admissionregistration.v1.Validation": rule<Validation>((validation, at, errors) => {
    const { message, reason, messageExpression } = validation;
    if (!validation.expression?.trim())
      errors.required(at.child("expression"), "expression is not specified");
    if (messageExpression && messageExpression.trim() === "")
      errors.invalid(at.child("messageExpression"), messageExpression, "must be non-empty if specified");
    if (message !== undefined && message !== "" && message.trim() === "")
      errors.invalid(at.child("message"), message, "must be non-empty if specified");
    else if (/[\n\r]/.test(message?.trim() ?? ""))
      errors.invalid(at.child("message"), message!, "must not contain line breaks");
    if (reason && !reasons.includes(reason)) errors.notSupported(at.child("reason"), reason, reasons);
  }),
  "admissionregistration.v1.MutatingAdmissionPolicySpec": rule<MutatingAdmissionPolicySpec>(
    (spec, at, errors) => {
      checkCommon(spec, at, errors);
      if ((spec.mutations ?? []).length === 0)
        errors.required(at.child("mutations"), "mutations must contain at least one item");
      const { reinvocationPolicy: again } = spec;
      if (!again) errors.required(at.child("reinvocationPolicy"));
      else if (!reinvocations.includes(again))
        errors.notSupported(at.child("reinvocationPolicy"), again, reinvocations);
    },
  ),
  "admissionregistration.v1.Mutation": rule<Mutation>((mutation, at, errors) => {
    const { patchType } = mutation;
    if (!patchType) return errors.required(at.child("patchType"));
    if (!Object.hasOwn(patchTypes, patchType))
      return errors.notSupported(at.child("patchType"), patchType, Object.keys(patchTypes));
    const own = patchTypes[patchType];
    if (!mutation[own]) errors.required(at.child(own), `must be specified when patchType is ${patchType}`);
    else if (!mutation[own].expression?.trim()) errors.required(at.child(own, "expression"));
    for (const field of Object.values(patchTypes))
      if (field !== own && mutation[field])
        errors.invalid(at.child(field), `{${field}}`, `must not be specified when patchType is ${patchType}`);
  }),
  [ahead("admissionregistration.v1.MatchResources", "namespaceSelector")]: rule<MatchResources>(
    ({ matchPolicy }, at, errors) => {
      if (matchPolicy !== undefined && !matchPolicies.includes(matchPolicy))
        errors.notSupported(at.child("matchPolicy"), matchPolicy, matchPolicies);
    },
  ),
  "admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec": rule<
    Partial<ValidatingAdmissionPolicyBindingSpec>
  >(({ policyName, validationActions = [] }, at, errors) => {
    if (policyName)
      for (const wrong of dnsSubdomainRule(policyName))
        errors.invalid(at.child("policyName"), policyName, wrong);
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
  "admissionregistration.v1.MutatingAdmissionPolicyBindingSpec": rule<
    Partial<MutatingAdmissionPolicyBindingSpec>
  >(({ policyName }, at, errors) => {
    if (!policyName) errors.required(at.child("policyName"));
    else
      for (const wrong of dnsSubdomainRule(policyName))
        errors.invalid(at.child("policyName"), policyName, wrong);
  }),
  "admissionregistration.v1.ParamKind": rule<ParamKind>(({ apiVersion, kind }, at, errors) => {
    if (!apiVersion) errors.required(at.child("apiVersion"));
    else checkVersion(apiVersion, at.child("apiVersion"), errors);
    if (!kind) return errors.required(at.child("kind"));
    const wrong = dns1035LabelRule(kind.toLowerCase());
    if (wrong.length > 0)
      errors.invalid(
        at.child("kind"),
        kind,
        `may have mixed case, but should otherwise match: ${wrong.join(",")}`,
      );
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

function checkVersion(apiVersion: string, at: FieldPath, errors: FieldErrors): void {
  const parts = apiVersion.split("/");
  if (parts.length > 2)
    return errors.invalid(at, apiVersion, `unexpected GroupVersion string: ${apiVersion}`);
  const [version = "", group = ""] = parts.toReversed();
  const wrongGroup = group === "" ? [] : dnsSubdomainRule(group);
  if (wrongGroup.length > 0) errors.invalid(at, group, wrongGroup.join(","));
  if (version === "") return errors.invalid(at, apiVersion, "version must be specified");
  const wrong = dns1035LabelRule(version);
  if (wrong.length > 0) errors.invalid(at, version, wrong.join(","));
}

interface Common {
  readonly matchConstraints?: MatchResources;
  readonly variables?: readonly { readonly name?: string; readonly expression?: string }[];
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
  checkConditionNames(matchConditions, at.child("matchConditions"), errors);
  for (const [index, { name, expression }] of variables.entries()) {
    const here = at.child("variables").at(index);
    if (!name?.trim()) errors.required(here.child("name"), "name is not specified");
    else if (!variableName.test(name) || reserved.test(name))
      errors.invalid(here.child("name"), name, "must be a valid CEL identifier");
    if (!expression?.trim()) errors.required(here.child("expression"), "expression is not specified");
  }
}
