import type { Scenario } from "../../exchange.ts";
import { at, constraints, merge, mutation, object } from "./requests.ts";

export const storedScenarios: readonly Scenario[] = [
  {
    name: "stored policies",
    exchanges: [
      {
        path: `${at}/validatingadmissionpolicies`,
        body: object("ValidatingAdmissionPolicy", "access-v", {
          spec: { matchConstraints: constraints, validations: [{ expression: "true" }] },
        }),
      },
      {
        path: `${at}/validatingadmissionpolicybindings`,
        body: object("ValidatingAdmissionPolicyBinding", "access-vb", {
          spec: { policyName: "access-v", validationActions: ["Audit"] },
        }),
      },
      {
        path: `${at}/mutatingadmissionpolicies`,
        body: object("MutatingAdmissionPolicy", "access-m", {
          spec: { matchConstraints: constraints, reinvocationPolicy: "Never", mutations: [mutation] },
        }),
      },
      {
        path: `${at}/mutatingadmissionpolicybindings`,
        body: object("MutatingAdmissionPolicyBinding", "access-mb", { spec: { policyName: "access-m" } }),
      },
      {
        method: "PATCH",
        path: `${at}/validatingadmissionpolicies/access-v`,
        type: merge,
        body: { spec: { validations: [{ expression: "(" }] } },
      },
      {
        method: "PATCH",
        path: `${at}/validatingadmissionpolicies/access-v`,
        type: merge,
        body: { spec: { failurePolicy: "Ignore" } },
      },
      {
        method: "PATCH",
        path: `${at}/validatingadmissionpolicies/access-v/status`,
        type: merge,
        body: {
          status: {
            observedGeneration: 2,
            typeChecking: { expressionWarnings: [{ fieldRef: "a", warning: "b" }] },
          },
        },
      },
      ...[
        "validatingadmissionpolicies/access-v",
        "validatingadmissionpolicybindings/access-vb",
        "mutatingadmissionpolicies/access-m",
        "mutatingadmissionpolicybindings/access-mb",
      ].map((one) => ({ method: "DELETE", path: `${at}/${one}` })),
    ],
  },
];
