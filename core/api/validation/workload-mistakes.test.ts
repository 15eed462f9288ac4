import { describe, expect, test } from "vitest";
import { cron, job, pod, selecting, template, wrong, wrongUpdate, type Loose } from "./objects-under-test.ts";

/** The mistakes that users make, in the words that they know from any cluster. */
type Mistake = [what: string, kind: string, object: Loose, ...sentences: string[]];

const percent =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

const mistakes: Record<string, readonly Mistake[]> = {
  deployments: [
    [
      "no selector",
      "apps/v1/deployments",
      { spec: { template: template() } },
      "spec.selector: Required value",
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
    [
      "an empty selector",
      "apps/v1/deployments",
      selecting({ selector: {} }),
      "spec.selector: Invalid value: {}: empty selector is invalid for deployment",
    ],
    [
      "a selector of other labels",
      "apps/v1/deployments",
      selecting({ selector: { matchLabels: { app: "b" } } }),
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
    [
      "less than no replicas",
      "apps/v1/deployments",
      selecting({ replicas: -1 }),
      "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      "pods that end",
      "apps/v1/deployments",
      selecting({ template: template({ restartPolicy: "Never" }) }),
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      "an unknown strategy",
      "apps/v1/deployments",
      selecting({ strategy: { type: "Fast" } }),
      'spec.strategy: Unsupported value: {"Type":"Fast","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
    ],
    [
      "Recreate with steps",
      "apps/v1/deployments",
      selecting({ strategy: { type: "Recreate", rollingUpdate: { maxSurge: 1 } } }),
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      "no way to roll",
      "apps/v1/deployments",
      selecting({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
      "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
    ],
    [
      "a surge that is no share",
      "apps/v1/deployments",
      selecting({ strategy: { rollingUpdate: { maxSurge: "some" } } }),
      `spec.strategy.rollingUpdate.maxSurge: Invalid value: "some": ${percent}`,
    ],
    [
      "a deadline before anything is ready",
      "apps/v1/deployments",
      selecting({ minReadySeconds: 10, progressDeadlineSeconds: 10 }),
      "spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds",
    ],
  ],
  jobs: [
    [
      "pods that never end",
      "batch/v1/jobs",
      { spec: { template: template() } },
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [
      "less than no pods",
      "batch/v1/jobs",
      job({ parallelism: -1 }),
      "spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      "less than no tries",
      "batch/v1/jobs",
      job({ backoffLimit: -1 }),
      "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      "an index to no end",
      "batch/v1/jobs",
      job({ completionMode: "Indexed", parallelism: 2 }),
      "spec.completions: Required value: when completion mode is Indexed",
    ],
  ],
  cronjobs: [
    ["no schedule", "batch/v1/cronjobs", cron({ schedule: "" }), "spec.schedule: Required value"],
    [
      "a schedule in words",
      "batch/v1/cronjobs",
      cron({ schedule: "every day" }),
      'spec.schedule: Invalid value: "every day": expected exactly 5 fields, found 2: [every day]',
    ],
    [
      "an unknown policy",
      "batch/v1/cronjobs",
      cron({ concurrencyPolicy: "Maybe" }),
      'spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"',
    ],
    [
      "no such time zone",
      "batch/v1/cronjobs",
      cron({ timeZone: "Mars/Base" }),
      'spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base',
    ],
    [
      "a name too long for its jobs",
      "batch/v1/cronjobs",
      { ...cron({}), metadata: { name: "a".repeat(53) } },
      `metadata.name: Invalid value: "${"a".repeat(53)}": must be no more than 52 characters`,
    ],
  ],
  statefulsets: [
    [
      "an unknown order",
      "apps/v1/statefulsets",
      selecting({ podManagementPolicy: "Any", serviceName: "s" }),
      "spec.podManagementPolicy: Invalid value: \"Any\": must be 'OrderedReady' or 'Parallel'",
    ],
    [
      "pods that end",
      "apps/v1/statefulsets",
      selecting({ serviceName: "s", template: template({ restartPolicy: "OnFailure" }) }),
      'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
    ],
  ],
};

describe.each(Object.entries(mistakes))("%s with", (_, rows) => {
  test.each(rows)("%s", (...[, kind, object, ...sentences]) => {
    const told = wrong(kind, object);
    for (const sentence of sentences) expect(told.join("\n")).toContain(sentence);
    expect(told).toHaveLength(sentences.length);
  });
});

describe("changes that are none", () => {
  test.each<[string, string, Loose, Loose, string]>([
    [
      "another selector",
      "apps/v1/deployments",
      selecting({}),
      selecting({
        selector: { matchLabels: { app: "b" } },
        template: { ...template(), metadata: { labels: { app: "b" } } },
      }),
      'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    ],
    [
      "another claim of a set",
      "apps/v1/statefulsets",
      selecting({ serviceName: "s" }),
      selecting({ serviceName: "t" }),
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
    [
      "another role",
      "rbac.authorization.k8s.io/v1/rolebindings",
      { roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "a" } },
      { roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "b" } },
      'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"b"}: cannot change roleRef',
    ],
    [
      "another image's pod name",
      "v1/pods",
      pod({}),
      pod({ hostname: "h" }),
      "spec: Forbidden: pod updates may not change fields other than",
    ],
  ])("%s", (_, kind, old, now, sentence) => {
    expect(wrongUpdate(kind, old, now).join("\n")).toContain(sentence);
  });
});
