import { isDeepStrictEqual } from "node:util";
import type { Pod, PodStatus } from "../../api/index.ts";
import { ownConditions } from "./pod-conditions.ts";

/** The status as the node last reported it, with what others have said on the pod since. */
export function withConditionsOfOthers(reported: PodStatus, pod: Pod): PodStatus {
  const own = (reported.conditions ?? []).filter((condition) => ownConditions.has(condition.type));
  const others = (pod.status?.conditions ?? []).filter((condition) => !ownConditions.has(condition.type));
  return { ...reported, conditions: [...own, ...others] };
}

/**
 * A merge patch that turns `held` into `wanted`, bound to the object it was read from; undefined when nothing
 * differs. Lists are sent whole, fields that are gone as null.
 */
export function statusPatch(pod: Pod, wanted: PodStatus): object | undefined {
  const held: Record<string, unknown> = { ...pod.status };
  const next: Record<string, unknown> = { ...wanted };
  const changed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(next)) {
    if (!isDeepStrictEqual(withoutNulls(value), withoutNulls(held[key]))) changed[key] = value;
  }
  for (const key of nodeFields) if (held[key] !== undefined && next[key] === undefined) changed[key] = null;
  if (Object.keys(changed).length === 0) return undefined;
  const { resourceVersion, uid } = pod.metadata;
  return { metadata: { uid, resourceVersion }, status: changed };
}

/** The server shows times that nobody has told as null. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const told = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(told.map(([name, member]) => [name, withoutNulls(member)]));
}

/** Fields that the node takes back when it has nothing to say there any more. */
const nodeFields = ["reason", "message", "podIP", "podIPs", "hostIP", "hostIPs"];
