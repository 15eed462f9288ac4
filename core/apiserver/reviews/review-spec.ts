import { qualifiedNameRule } from "../../api/index.ts";
import type { StatusCause } from "../request/status-error.ts";

export interface SelectorRequirement {
  key?: string;
  operator?: string;
  values?: string[];
}

interface SelectorAttributes {
  rawSelector?: string;
  requirements?: SelectorRequirement[];
}

export interface ReviewSpec {
  user?: string;
  groups?: string[];
  uid?: string;
  extra?: Record<string, string[]>;
  namespace?: string;
  resourceAttributes?: {
    namespace?: string;
    verb?: string;
    group?: string;
    version?: string;
    resource?: string;
    subresource?: string;
    name?: string;
    fieldSelector?: SelectorAttributes;
    labelSelector?: SelectorAttributes;
  };
  nonResourceAttributes?: { path?: string; verb?: string };
}

const invalidValue = (field: string, value: unknown, why: string): StatusCause => ({
  reason: "FieldValueInvalid",
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
});
const required = (field: string, why: string): StatusCause => ({
  reason: "FieldValueRequired",
  field,
  message: `Required value: ${why}`,
});

/** What is wrong with the question that a review asks. */
export function questionProblems({
  resourceAttributes,
  nonResourceAttributes: path,
}: ReviewSpec): StatusCause[] {
  const wrong: StatusCause[] = [];
  if (resourceAttributes && path)
    wrong.push(
      invalidValue(
        "spec.nonResourceAttributes",
        shownPath(path),
        "cannot be specified in combination with resourceAttributes",
      ),
    );
  if (!resourceAttributes && !path)
    wrong.push(
      invalidValue(
        "spec.resourceAttributes",
        null,
        "exactly one of nonResourceAttributes or resourceAttributes must be specified",
      ),
    );
  const { fieldSelector, labelSelector } = resourceAttributes ?? {};
  return [
    ...wrong,
    ...selectorProblems(fieldSelector, "spec.resourceAttributes.fieldSelector", () => []),
    ...selectorProblems(labelSelector, "spec.resourceAttributes.labelSelector", qualifiedNameRule),
  ];
}

export function subjectProblems({ user, groups = [] }: ReviewSpec): StatusCause[] {
  if (user || groups.length > 0) return [];
  return [invalidValue("spec.user", "", "at least one of user or group must be specified")];
}

/** Of a review that asks about one namespace. */
export function localProblems(spec: ReviewSpec, namespace: string): StatusCause[] {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const wrong: StatusCause[] = [];
  if (resource && (resource.namespace ?? "") !== namespace)
    wrong.push(
      invalidValue(
        "spec.resourceAttributes.namespace",
        resource.namespace ?? "",
        "must match metadata.namespace",
      ),
    );
  if (path)
    wrong.push(
      invalidValue("spec.nonResourceAttributes", shownPath(path), "disallowed on this kind of request"),
    );
  return wrong;
}

/** A review has no name and nothing else that an object has. */
export function metadataProblems(metadata: object, allowed: string): StatusCause[] {
  const { managedFields: _, ...rest } = metadata as Record<string, unknown>;
  const others = Object.keys(rest).filter((member) => member !== allowed);
  const but = allowed === "" ? "" : ` except for ${allowed}`;
  return others.length > 0 ? [invalidValue("metadata", metadata, `must be empty${but}`)] : [];
}

function selectorProblems(
  selector: SelectorAttributes | undefined,
  at: string,
  keyRule: (key: string) => readonly string[],
): StatusCause[] {
  if (!selector) return [];
  const { rawSelector = "", requirements = [] } = selector;
  const wrong: StatusCause[] = [];
  if (rawSelector !== "" && requirements.length > 0)
    wrong.push(
      invalidValue(`${at}.rawSelector`, rawSelector, "may not specified at the same time as requirements"),
    );
  if (rawSelector === "" && requirements.length === 0)
    wrong.push(
      required(`${at}.requirements`, `when ${at} is specified, requirements or rawSelector is required`),
    );
  return [
    ...wrong,
    ...requirements.flatMap((one, index) =>
      requirementProblems(one, `${at}.requirements[${index}]`, keyRule),
    ),
  ];
}

function requirementProblems(
  { key = "", operator = "", values = [] }: SelectorRequirement,
  at: string,
  keyRule: (key: string) => readonly string[],
): StatusCause[] {
  const wrong: StatusCause[] = [];
  const isList = operator === "In" || operator === "NotIn";
  if (isList && values.length === 0)
    wrong.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  if ((operator === "Exists" || operator === "DoesNotExist") && values.length > 0)
    wrong.push({
      reason: "FieldValueForbidden",
      field: `${at}.values`,
      message: "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    });
  if (key === "" && keyRule("").length === 0) wrong.push(required(`${at}.key`, "must be specified"));
  return [...wrong, ...keyRule(key).map((why) => invalidValue(`${at}.key`, key, why))];
}

function shownPath({ path = "", verb = "" }: { path?: string; verb?: string }): object {
  return { Path: path, Verb: verb };
}
