import { describe, expect, test } from "vitest";
import { type Loose, wrong } from "./objects-under-test.ts";

const group = "admissionregistration.k8s.io/v1";
const matchConstraints = {
  resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
};
const validating = (spec: Loose): string[] =>
  wrong("admissionregistration.k8s.io/v1/validatingadmissionpolicies", {
    spec: { matchConstraints, validations: [{ expression: "true" }], ...spec },
  });
const jsonPatch = { patchType: "JSONPatch", jsonPatch: { expression: "[]" } };
const mutating = (spec: Loose): string[] =>
  wrong(`${group}/mutatingadmissionpolicies`, {
    spec: { matchConstraints, reinvocationPolicy: "Never", mutations: [jsonPatch], ...spec },
  });
const paramRef = { name: "p", parameterNotFoundAction: "Deny" };
const binding = (spec: Loose): string[] =>
  wrong(`${group}/validatingadmissionpolicybindings`, {
    spec: { policyName: "p", validationActions: ["Deny"], paramRef, ...spec },
  });

describe("an admission policy", () => {
  test("says what it is about, and something about that", () => {
    expect(validating({})).toEqual([]);
    expect(mutating({})).toEqual([]);
    for (const check of [validating, mutating]) {
      expect(check({ matchConstraints: null })).toEqual(["spec.matchConstraints: Required value"]);
      expect(check({ matchConstraints: { resourceRules: [] } })).toEqual([
        "spec.matchConstraints.resourceRules: Required value",
      ]);
    }
    const either = "Required value: validations or auditAnnotations must contain at least one item";
    expect(validating({ validations: [] })).toEqual([
      `spec.validations: ${either}`,
      `spec.auditAnnotations: ${either}`,
    ]);
    expect(validating({ validations: [], auditAnnotations: [{ key: "a", valueExpression: "'x'" }] })).toEqual(
      [],
    );
    expect(mutating({ mutations: [], reinvocationPolicy: null })).toEqual([
      "spec.mutations: Required value: mutations must contain at least one item",
      "spec.reinvocationPolicy: Required value",
    ]);
  });

  test("names what it computes so that it can be told apart", () => {
    const expression = "true";
    const named = (...names: string[]): Loose[] => names.map((name) => ({ name, expression }));
    expect(validating({ variables: named("a", "1a", "a") })).toEqual([
      'spec.variables[1].name: Invalid value: "1a": must be a valid CEL identifier',
    ]);
    expect(mutating({ matchConditions: named("a", "a", "-") })).toEqual([
      'spec.matchConditions[1].name: Duplicate value: "a"',
      expect.stringContaining('spec.matchConditions[2].name: Invalid value: "-"'),
    ]);
    const auditAnnotations = ["a", "a", "b/c"].map((key) => ({ key, valueExpression: "'x'" }));
    expect(validating({ auditAnnotations })).toEqual([
      'spec.auditAnnotations[1].key: Duplicate value: "a"',
      expect.stringContaining('spec.auditAnnotations[2].key: Invalid value: "x/b/c": a valid label key'),
    ]);
  });

  test("lacks what it has to have, and is told so alone", () => {
    expect(validating({ auditAnnotations: [{}], variables: [{}], matchConditions: [{}] })).toEqual(
      expect.arrayContaining([
        "spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not specified",
        "spec.variables[0].name: Required value: name is not specified",
        "spec.matchConditions[0].name: Required value",
      ]),
    );
  });

  test("refuses in one line, for a reason that clients know", () => {
    const says = (more: Loose): string[] => validating({ validations: [{ expression: "true", ...more }] });
    const at = "spec.validations[0].message: Invalid value";
    expect(says({ message: "no, because", reason: "Forbidden" })).toEqual([]);
    expect(says({ message: "a\nb" })).toEqual([`${at}: "a\\nb": must not contain line breaks`]);
    expect(says({ message: " " })).toEqual([`${at}: " ": must be non-empty if specified`]);
    expect(says({ reason: "Teapot" })).toEqual([
      'spec.validations[0].reason: Unsupported value: "Teapot": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
    ]);
  });

  test("mutates in the form that it says", () => {
    const expression = "Object{}";
    expect(mutating({ mutations: [{ patchType: "ApplyConfiguration" }] })).toEqual([
      "spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration",
    ]);
    expect(mutating({ mutations: [{ ...jsonPatch, applyConfiguration: { expression } }] })).toEqual([
      'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
    ]);
  });

  test("names the kind of its parameters", () => {
    expect(validating({ paramKind: { kind: "ConfigMap" } })).toEqual([
      "spec.paramKind.apiVersion: Required value",
    ]);
    expect(validating({ paramKind: { apiVersion: "v1" } })).toEqual(["spec.paramKind.kind: Required value"]);
  });
});

describe("a binding of one", () => {
  test("says once what a violation leads to", () => {
    expect(binding({ validationActions: ["Warn", "Audit"] })).toEqual([]);
    expect(binding({ validationActions: ["Deny", "Warn"] })).toEqual([
      expect.stringContaining("must not contain both Deny and Warn"),
    ]);
    expect(binding({ validationActions: ["Deny", "Deny"] })).toEqual([
      'spec.validationActions[1]: Duplicate value: "Deny"',
    ]);
  });

  test("says which parameters, and what when there are none", () => {
    const at = "spec.paramRef";
    expect(binding({ paramRef: { name: "p" } })).toEqual([`${at}.parameterNotFoundAction: Required value`]);
    expect(binding({ paramRef: { ...paramRef, parameterNotFoundAction: "Ask" } })).toEqual([
      `${at}.parameterNotFoundAction: Unsupported value: "Ask": supported values: "Deny", "Allow"`,
    ]);
    expect(binding({ paramRef: { parameterNotFoundAction: "Deny" } })).toEqual([
      `${at}: Required value: one of name or selector must be specified`,
    ]);
    expect(binding({ paramRef: { ...paramRef, selector: {} } })).toEqual([
      `${at}.name: Forbidden: name and selector are mutually exclusive`,
      `${at}.selector: Forbidden: name and selector are mutually exclusive`,
    ]);
  });
});
