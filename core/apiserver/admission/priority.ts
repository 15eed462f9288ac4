import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import { bootstrapPriorityClasses } from "../bootstrap/bootstrap-policy.ts";
import { forbidden } from "../request/status-error.ts";
import type { AdmissionPlugin } from "./admission.ts";

interface PriorityClass {
  metadata: { name: string };
  value: number;
  globalDefault?: boolean;
  preemptionPolicy?: string;
}

const prefix = "/scheduling.k8s.io/priorityclasses/";

/** Turns a pod's priority class into the number that schedulers compare. */
export function priorityAdmission(cache: WatchCache): AdmissionPlugin {
  const classes = cache.kind(prefix);
  return {
    name: "Priority",
    mutate({ operation, kind, subresource, name, object }) {
      if (operation !== "CREATE" || kind.group !== "" || kind.kind !== "Pod" || subresource !== "") return;
      const spec = ((object as Draft).spec ??= {});
      const wanted = spec["priorityClassName"];
      const found = typeof wanted === "string" && wanted !== "" ? named(wanted) : globalDefault();
      if (typeof wanted === "string" && wanted !== "" && !found)
        throw forbidden(kind, name, `no PriorityClass with name ${wanted} was found`);
      const priority = found?.value ?? 0;
      if (spec["priority"] !== undefined && spec["priority"] !== priority) {
        const why = `the integer value of priority (${JSON.stringify(spec["priority"])}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`;
        throw forbidden(kind, name, why);
      }
      if (found) spec["priorityClassName"] = found.metadata.name;
      spec["priority"] = priority;
      const preemption = found?.preemptionPolicy ?? "PreemptLowerPriority";
      if ((spec["preemptionPolicy"] ??= preemption) !== preemption) {
        const why = `the string value of PreemptionPolicy (${String(spec["preemptionPolicy"])}) must not be provided in pod spec; priority admission controller computed ${preemption} from the given PriorityClass name`;
        throw forbidden(kind, name, why);
      }
    },
    validate({ operation, kind, name, object }) {
      if (kind.kind !== "PriorityClass" || kind.group !== "scheduling.k8s.io") return;
      if (operation === "DELETE" && bootstrapPriorityClasses.some((one) => one.name === name))
        throw forbidden(kind, name, "this is a system priority class and cannot be deleted");
      if (!object) return;
      if ((object as unknown as PriorityClass).globalDefault !== true) return;
      const present = globalDefault();
      if (!present || (operation === "UPDATE" && present.metadata.name === name)) return;
      const why = `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`;
      throw forbidden(kind, name, why);
    },
  };

  function named(name: string): PriorityClass | undefined {
    return classes.get(prefix + name)?.object<PriorityClass>();
  }

  function globalDefault(): PriorityClass | undefined {
    for (const cached of classes.objects()) {
      const one = cached.object<PriorityClass>();
      if (one.globalDefault) return one;
    }
    return undefined;
  }
}
