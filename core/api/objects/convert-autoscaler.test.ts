import { expect, test } from "vitest";
import { autoscalerToV1, autoscalerToV2 } from "./convert-autoscaler.ts";

const cpu = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
};
const other = {
  type: "Pods",
  pods: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "1" } },
};
const stored = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "a" },
  spec: { maxReplicas: 3, metrics: [other, cpu], behavior: { scaleUp: { stabilizationWindowSeconds: 1 } } },
  status: { currentReplicas: 0, desiredReplicas: 2, conditions: [{ type: "AbleToScale", status: "True" }] },
};

test("an autoscaler survives being read and written as autoscaling/v1", () => {
  const shown = autoscalerToV1(structuredClone(stored));
  expect(shown).toMatchObject({
    apiVersion: "autoscaling/v1",
    spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 50 },
    status: { desiredReplicas: 2 },
  });
  expect(shown["spec"]).not.toHaveProperty("metrics");
  expect(autoscalerToV2(shown)).toEqual(stored);
});

test("an annotation that nobody can read stays an annotation", () => {
  const annotations = { "autoscaling.alpha.kubernetes.io/metrics": "{" };
  const sent = {
    apiVersion: "autoscaling/v1",
    metadata: { name: "a", annotations },
    spec: { maxReplicas: 1 },
  };
  expect(autoscalerToV2(sent)).toMatchObject({ metadata: { annotations }, spec: { maxReplicas: 1 } });
});
