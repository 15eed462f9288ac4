import type { Taint } from "../../api/index.ts";
import type { AdmissionPlugin } from "./admission.ts";

const taint: Taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/** A new node takes no pods before the node lifecycle controller has seen it ready. */
export function taintNodesByCondition(): AdmissionPlugin {
  return {
    name: "TaintNodesByCondition",
    mutate({ operation, kind, subresource, object }) {
      if (operation !== "CREATE" || kind.group !== "" || kind.kind !== "Node" || subresource !== "") return;
      const spec = (object!.spec ??= {});
      const taints = (spec["taints"] as Taint[] | undefined) ?? [];
      if (taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)) return;
      spec["taints"] = [...taints, { ...taint }];
    },
  };
}
