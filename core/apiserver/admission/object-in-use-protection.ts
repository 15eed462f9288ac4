import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionPlugin } from "./admission.ts";

const finalizers: Readonly<Record<string, string>> = {
  PersistentVolume: "kubernetes.io/pv-protection",
  PersistentVolumeClaim: "kubernetes.io/pvc-protection",
};

/** From their first moment on, volumes and claims leave only when nobody uses them. */
export function objectInUseProtection(): AdmissionPlugin {
  return {
    name: "StorageObjectInUseProtection",
    mutate({ operation, kind, subresource, object }) {
      if (operation !== "CREATE" || kind.group !== "" || subresource !== "") return;
      const finalizer = finalizers[kind.kind];
      if (finalizer === undefined) return;
      const { metadata } = object as Draft;
      if (!metadata.finalizers?.includes(finalizer))
        metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
    },
  };
}
