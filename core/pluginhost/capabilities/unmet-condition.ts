import type { StatusResponse__Output } from "@berth/proto/generated/cri/runtime/v1/StatusResponse.ts";

/**
 * Why a runtime says that it can make no pods: the first condition of CRI's Status that does not hold, in its words;
 * empty when all hold. `hostNetwork`: its network is the host's, whose own readiness tells more.
 */
export function unmetCondition(
  { status }: Pick<StatusResponse__Output, "status">,
  hostNetwork = false,
): string {
  const unmet = status?.conditions.find(
    (condition) => !condition.status && !(hostNetwork && condition.type === "NetworkReady"),
  );
  return unmet ? `${unmet.type}: ${unmet.message || unmet.reason}` : "";
}
