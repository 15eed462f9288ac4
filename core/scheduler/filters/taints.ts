import type { Node, Taint } from "../../api/index.ts";
import { untoleratedTaint } from "../../api/scheduling/tolerations.ts";
import type { Filter } from "../model.ts";

/** Keeps pods off nodes with a taint they do not tolerate; a node that is not ready counts as tainted at once. */
export const taints: Filter = {
  name: "taints",
  wakesOn: new Set(["node"]),
  check({ pod }, { node }) {
    const taint = untoleratedTaint(taintsOf(node), pod.spec.tolerations, ["NoSchedule", "NoExecute"]);
    return taint && [{ reason: `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}` }];
  },
};

/** The controller that writes these taints may not have come to it yet. */
function taintsOf(node: Node): Taint[] {
  const written = node.spec?.taints ?? [];
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True"
    ? written
    : [...written, { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }];
}
