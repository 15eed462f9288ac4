import type { Scenario } from "../../exchange.ts";
import { bound, mutating, mutation } from "./requests.ts";

export const mutatingScenarios: readonly Scenario[] = [
  {
    name: "mutating policies",
    exchanges: [
      {},
      { reinvocationPolicy: "IfNeeded", failurePolicy: "Fail" },
      { reinvocationPolicy: undefined },
      { reinvocationPolicy: "Odd" },
      { mutations: [] },
      { mutations: [{}] },
      { mutations: [{ patchType: "Odd" }] },
      { mutations: [{ patchType: "JSONPatch" }] },
      { mutations: [{ patchType: "JSONPatch", applyConfiguration: { expression: "Object{}" } }] },
      { mutations: [{ patchType: "ApplyConfiguration", jsonPatch: { expression: "[]" } }] },
      { mutations: [{ ...mutation, jsonPatch: { expression: "[]" } }] },
      { mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "" } }] },
      { mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "Objekt{}" } }] },
      { mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "1" } }] },
      {
        mutations: [
          {
            patchType: "ApplyConfiguration",
            applyConfiguration: { expression: "Object{metadata: Object.metadata{labels: {'a': 'b'}}}" },
          },
        ],
      },
      {
        mutations: [
          {
            patchType: "JSONPatch",
            jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/a', value: 'b'}]" },
          },
        ],
      },
      { mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "[JSONPatch{up: 'add'}]" } }] },
      { mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: "JSONPatch{}" } }] },
      { matchConstraints: undefined },
      { matchConditions: [{ name: "x", expression: "object" }] },
      { variables: [{ name: "x", expression: "y" }] },
    ].map((spec, index) => mutating(`access-m-${index}`, spec)),
  },
  {
    name: "mutating policy bindings",
    exchanges: [
      {},
      { policyName: "" },
      { paramRef: {} },
      { paramRef: { name: "a" } },
      { matchResources: { matchPolicy: "x" } },
    ].map((spec, index) => bound(`access-mb-${index}`, spec, "MutatingAdmissionPolicyBinding")),
  },
];
