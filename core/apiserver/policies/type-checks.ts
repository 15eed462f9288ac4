import { deepEqual, groupVersion, type Kind, type KindTable } from "../../api/index.ts";
import { CelCompileError, type CelEnvironment, type CelType, typeOfKind } from "../../api/cel/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import type { AdmissionRule } from "../admission/admission-rules.ts";
import type { Draft } from "../registry/object-meta.ts";
import { compilePolicy, PolicyCompileError, policyEnvironment } from "./policy-program.ts";
import type { PolicySpec, ValidationSettings } from "./policy-settings.ts";

interface Warning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** So many kinds are looked at. */
const mostKinds = 10;

/**
 * Writes into the status of a new or changed ValidatingAdmissionPolicy what is wrong with its expressions if objects are what
 * their kinds declare: a misspelt field, a number compared with a text. It is a warning, no refusal: kinds may change.
 */
export function noteTypes({ operation, object, old }: AdmissionRequest, kinds: KindTable): void {
  const policy = object as Draft;
  if (operation === "UPDATE" && deepEqual(policy.spec, old!.spec)) return;
  const warnings = typeWarnings(policy.spec ?? {}, kinds);
  policy.status = {
    ...policy.status,
    observedGeneration: operation === "CREATE" ? 1 : (old!.metadata.generation ?? 0) + 1,
    typeChecking: warnings.length > 0 ? { expressionWarnings: warnings } : {},
  };
}

function typeWarnings(spec: PolicySpec, kinds: KindTable): Warning[] {
  const named = kindsOf(spec.matchConstraints?.resourceRules ?? [], kinds);
  const param = spec.paramKind && kinds.all().find((kind) => isNamed(kind, spec.paramKind!));
  const found = new Map<string, string[]>();
  for (const kind of named) {
    const environment = policyEnvironment(false, { object: typeOfKind(kind), oldObject: typeOfKind(kind) });
    const params = param ? typeOfKind(param) : undefined;
    for (const { field, why } of problems(environment, spec, params)) {
      const line = `${groupVersion(kind)}, Kind=${kind.kind}: ${why}`;
      found.set(field, [...(found.get(field) ?? []), line]);
    }
  }
  return [...found].map(([fieldRef, lines]) => ({ fieldRef, warning: lines.join("\n") }));
}

function isNamed(kind: Kind, { apiVersion, kind: name }: { apiVersion: string; kind: string }): boolean {
  return kind.kind === name && groupVersion(kind) === apiVersion;
}

/** Each expression for itself, so that one mistake hides no other. */
function problems(
  environment: CelEnvironment,
  spec: PolicySpec,
  params: CelType | undefined,
): { field: string; why: string }[] {
  const { validations = [], ...shared } = spec;
  const parts: { field: string; spec: PolicySpec }[] = validations.flatMap(
    ({ expression, messageExpression }, index) => [
      { field: `spec.validations[${index}].expression`, spec: { ...shared, validations: [{ expression }] } },
      ...(messageExpression ? [messagePart(shared, index, messageExpression)] : []),
    ],
  );
  return parts.flatMap(({ field, spec: part }) => {
    try {
      compilePolicy(environment, part, params);
      return [];
    } catch (error) {
      if (!(error instanceof PolicyCompileError) || !(error.cause instanceof CelCompileError)) throw error;
      const isShared = !error.field.startsWith("spec.validations");
      return [{ field: isShared ? error.field : field, why: error.message }];
    }
  });
}

function messagePart(shared: PolicySpec, index: number, text: string): { field: string; spec: PolicySpec } {
  const validation: ValidationSettings = { expression: "true", messageExpression: text };
  return {
    field: `spec.validations[${index}].messageExpression`,
    spec: { ...shared, validations: [validation] },
  };
}

/** The kinds that rules name outright; a rule with a star is about too many to say anything. */
function kindsOf(rules: readonly AdmissionRule[], kinds: KindTable): Kind[] {
  const found = new Set<Kind>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of rules)
    for (const group of apiGroups)
      for (const version of apiVersions)
        for (const resource of resources) {
          const kind = kinds.byResource(group, version, resource);
          if (kind && found.size < mostKinds) found.add(kind);
        }
  return [...found];
}
