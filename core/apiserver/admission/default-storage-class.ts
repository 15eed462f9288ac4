import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionPlugin } from "./admission.ts";

const annotation = "storageclass.kubernetes.io/is-default-class";

/** A claim that names no class at all gets the default one; the newest of several. An empty name asks for none. */
export function defaultStorageClass(cache: WatchCache): AdmissionPlugin {
  const classes = cache.kind("/storage.k8s.io/storageclasses/");
  return {
    name: "DefaultStorageClass",
    mutate({ operation, kind, object }) {
      if (operation !== "CREATE" || kind.group !== "" || kind.kind !== "PersistentVolumeClaim") return;
      const claim = object as Draft;
      const spec = (claim.spec ??= {});
      if (spec["storageClassName"] !== undefined) return;
      const defaults = [...classes.objects()]
        .map((cached) => cached.object<Draft>().metadata)
        .filter((meta) => meta.annotations?.[annotation] === "true")
        .sort((a, b) => (b.creationTimestamp ?? "").localeCompare(a.creationTimestamp ?? ""));
      if (defaults[0]) spec["storageClassName"] = defaults[0].name;
    },
  };
}
