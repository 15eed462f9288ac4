import type { Container, Pod } from "../../api/index.ts";
import type { ActualContainer } from "../actual/pod-actual.ts";
import type { ContainerRole } from "./pod-containers.ts";

/** Whether an ended container is to run again. A container's own policy and rules stand above the pod's. */
export function shouldRestart(
  pod: Pod,
  container: Container,
  role: ContainerRole,
  ended: ActualContainer,
): boolean {
  if (role === "ephemeral") return false;
  if (role === "sidecar") return true;
  for (const rule of container.restartPolicyRules ?? []) {
    if (rule.action !== "Restart" || !rule.exitCodes) continue;
    const listed = (rule.exitCodes.values ?? []).includes(ended.exitCode);
    if (rule.exitCodes.operator === "NotIn" ? !listed : listed) return true;
  }
  const failed = ended.phase === "lost" || ended.exitCode !== 0;
  const policy = container.restartPolicy ?? pod.spec?.restartPolicy ?? "Always";
  if (role === "init") return failed && policy !== "Never";
  return policy === "Always" || (policy === "OnFailure" && failed);
}
