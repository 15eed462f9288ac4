import { deepEqual, type JsonObject, type RuntimeClass, type Toleration } from "../../api/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import { forbidden } from "../request/status-error.ts";
import type { AdmissionPlugin } from "./admission.ts";

const notOfClass = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
const withoutClass = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";

/**
 * Gives a pod what its runtime class costs and where it can run; no pod says itself what it costs, and none is made of a class
 * that is not there.
 */
export function runtimeClassAdmission(cache: WatchCache): AdmissionPlugin {
  const classes = cache.kind("/node.k8s.io/runtimeclasses/");
  const classOf = (spec: JsonObject): RuntimeClass | undefined => {
    const wanted = spec["runtimeClassName"];
    return typeof wanted === "string" && wanted !== ""
      ? classes.get(`/node.k8s.io/runtimeclasses/${wanted}`)?.object<RuntimeClass>()
      : undefined;
  };
  return {
    name: "RuntimeClass",
    mutate({ operation, kind, subresource, name, object }) {
      if (operation !== "CREATE" || kind.group !== "" || kind.kind !== "Pod" || subresource !== "") return;
      const spec = object?.spec;
      const found = spec && classOf(spec);
      if (!found) {
        const wanted = spec?.["runtimeClassName"];
        if (typeof wanted !== "string" || wanted === "") return;
        throw forbidden(kind, name, `pod rejected: RuntimeClass ${JSON.stringify(wanted)} not found`);
      }
      const overhead = found.overhead?.podFixed;
      if (overhead && spec["overhead"] !== undefined && !deepEqual(spec["overhead"], overhead))
        throw forbidden(kind, name, notOfClass);
      if (overhead) spec["overhead"] = { ...overhead };
      const { nodeSelector, tolerations } = found.scheduling ?? {};
      const own = (spec["nodeSelector"] ?? {}) as Record<string, string>;
      for (const [label, value] of Object.entries(nodeSelector ?? {}))
        if (own[label] !== undefined && own[label] !== value)
          throw forbidden(
            kind,
            name,
            `conflict: runtimeClass.scheduling.nodeSelector[${label}] = ${value}; pod.spec.nodeSelector[${label}] = ${own[label]}`,
          );
      if (nodeSelector) spec["nodeSelector"] = { ...own, ...nodeSelector };
      const present = (spec["tolerations"] as Toleration[] | undefined) ?? [];
      const added = (tolerations ?? []).filter((one) => !present.some((other) => deepEqual(one, other)));
      if (added.length > 0) spec["tolerations"] = [...present, ...added];
    },
    validate({ operation, kind, subresource, name, object }) {
      if (operation !== "CREATE" || kind.group !== "" || kind.kind !== "Pod" || subresource !== "") return;
      const spec = object?.spec;
      if (!spec) return;
      const overhead = classOf(spec)?.overhead?.podFixed;
      if (!deepEqual(spec["overhead"], overhead))
        throw forbidden(kind, name, overhead ? notOfClass : withoutClass);
    },
  };
}
