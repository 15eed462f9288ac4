import { compareQuantities } from "../../api/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import { forbidden } from "../request/status-error.ts";
import type { AdmissionPlugin } from "./admission.ts";

interface ClaimSpec {
  readonly storageClassName?: string;
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

/** A claim grows only where its class says that volumes can. */
export function claimResize(cache: WatchCache): AdmissionPlugin {
  const classes = cache.kind("/storage.k8s.io/storageclasses/");
  return {
    name: "PersistentVolumeClaimResize",
    validate({ operation, kind, subresource, name, object, old }) {
      if (operation !== "UPDATE" || kind.group !== "" || kind.kind !== "PersistentVolumeClaim") return;
      if (subresource !== "" || !grows(object?.spec, old?.spec)) return;
      const { storageClassName } = old!.spec as ClaimSpec;
      const found = storageClassName && classes.get(`/storage.k8s.io/storageclasses/${storageClassName}`);
      if (found && found.object<Draft>()["allowVolumeExpansion"] === true) return;
      const why =
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
      throw forbidden(kind, name, why);
    },
  };
}

function grows(after: ClaimSpec | undefined, before: ClaimSpec | undefined): boolean {
  const [now, then] = [after?.resources?.requests?.["storage"], before?.resources?.requests?.["storage"]];
  return now !== undefined && then !== undefined && compareQuantities(now, then) > 0;
}
