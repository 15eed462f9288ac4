import type { Toleration } from "../../api/index.ts";
import type { AdmissionPlugin } from "./admission.ts";

const seconds = 300;
const keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] as const;

/** Every pod stays five minutes on a node that is not ready or cannot be reached, unless it says how long itself. */
export function defaultTolerationSeconds(): AdmissionPlugin {
  return {
    name: "DefaultTolerationSeconds",
    mutate({ operation, kind, subresource, object }) {
      if (operation !== "CREATE" && operation !== "UPDATE") return;
      if (kind.group !== "" || kind.kind !== "Pod" || subresource !== "") return;
      const spec = (object!.spec ??= {});
      const tolerations = (spec["tolerations"] as Toleration[] | undefined) ?? [];
      const added = keys
        .filter((key) => !tolerations.some((one) => concerns(one, key)))
        .map((key): Toleration => ({
          key,
          operator: "Exists",
          effect: "NoExecute",
          tolerationSeconds: seconds,
        }));
      if (added.length > 0) spec["tolerations"] = [...tolerations, ...added];
    },
  };
}

function concerns({ key, effect }: Toleration, taint: string): boolean {
  return (key === undefined || key === "" || key === taint) && (!effect || effect === "NoExecute");
}
