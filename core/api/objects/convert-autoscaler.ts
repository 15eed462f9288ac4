import { isJsonObject, type JsonObject } from "../json/json-value.ts";

/**
 * HorizontalPodAutoscalers are stored as `autoscaling/v2`. What `autoscaling/v1` has no members for lies in annotations there,
 * so that a client of v1 who reads, changes and writes loses nothing.
 */
const prefix = "autoscaling.alpha.kubernetes.io/";

const members = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
const items = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

/** A stored autoscaler as `autoscaling/v1` shows it. */
export function autoscalerToV1(stored: JsonObject): JsonObject {
  const { metrics, behavior, ...spec } = members(stored["spec"]);
  const { currentMetrics, conditions, ...status } = members(stored["status"]);
  const [goal, otherGoals] = takeCpu(items(metrics), (source) => source["target"]);
  const [now, otherNow] = takeCpu(items(currentMetrics), (source) => source["current"]);
  const added = { metrics: otherGoals, behavior, "current-metrics": otherNow, conditions };
  const metadata = { ...members(stored["metadata"]) };
  const annotations = { ...members(metadata["annotations"]) };
  for (const [name, value] of Object.entries(added)) {
    const isThere = Array.isArray(value) ? value.length > 0 : value !== undefined;
    if (isThere) annotations[prefix + name] = JSON.stringify(value);
  }
  if (Object.keys(annotations).length > 0) metadata["annotations"] = annotations;
  if (goal !== undefined) spec["targetCPUUtilizationPercentage"] = goal;
  if (now !== undefined) status["currentCPUUtilizationPercentage"] = now;
  const shown: JsonObject = { ...stored, apiVersion: "autoscaling/v1", metadata, spec };
  if (stored["status"] !== undefined) shown["status"] = { currentReplicas: 0, ...status };
  return shown;
}

/** What clients of `autoscaling/v1` send, as it is stored. Annotations that cannot be read are left as they are. */
export function autoscalerToV2(sent: JsonObject): JsonObject {
  const { targetCPUUtilizationPercentage: goal, ...spec } = members(sent["spec"]);
  const { currentCPUUtilizationPercentage: now, ...status } = members(sent["status"]);
  const metadata = { ...members(sent["metadata"]) };
  const annotations = { ...members(metadata["annotations"]) };
  const taken = (name: string): unknown => {
    const value = parsed(annotations[prefix + name]);
    if (value !== undefined) delete annotations[prefix + name];
    return value;
  };
  const metrics = [
    ...items(taken("metrics")),
    ...(goal === undefined ? [] : [cpu({ target: { type: "Utilization", averageUtilization: goal } })]),
  ];
  const behavior = taken("behavior");
  const current = [
    ...items(taken("current-metrics")),
    ...(now === undefined ? [] : [cpu({ current: { averageUtilization: now } })]),
  ];
  const conditions = items(taken("conditions"));
  if (metadata["annotations"] !== undefined) {
    if (Object.keys(annotations).length > 0) metadata["annotations"] = annotations;
    else delete metadata["annotations"];
  }
  if (metrics.length > 0) spec["metrics"] = metrics;
  if (isJsonObject(behavior)) spec["behavior"] = behavior;
  if (current.length > 0) status["currentMetrics"] = current;
  if (conditions.length > 0) status["conditions"] = conditions;
  const stored: JsonObject = { ...sent, apiVersion: "autoscaling/v2", metadata, spec };
  if (sent["status"] !== undefined) stored["status"] = status;
  return stored;
}

function cpu(source: object): JsonObject {
  return { type: "Resource", resource: { name: "cpu", ...source } };
}

/** The average utilization of the processor, which v1 has a member for, and the metrics that are left. */
function takeCpu(
  metrics: readonly JsonObject[],
  valueOf: (source: JsonObject) => unknown,
): [number | undefined, JsonObject[]] {
  const at = metrics.findIndex(({ type, resource }) => {
    const source = members(resource);
    return (
      type === "Resource" &&
      source["name"] === "cpu" &&
      members(valueOf(source))["averageUtilization"] !== undefined
    );
  });
  if (at < 0) return [undefined, [...metrics]];
  const value = members(valueOf(members(metrics[at]!["resource"])))["averageUtilization"] as number;
  return [value, metrics.toSpliced(at, 1)];
}

function parsed(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
