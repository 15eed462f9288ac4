import { inPrecedence, type PluginSet } from "../../api/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionPlugin } from "./admission.ts";

const annotation = "storageclass.kubernetes.io/is-default-class";

/**
 * A claim that names no class at all gets the default one: the newest of those that are annotated as such, or else the
 * one that the PluginSet in force names, if there is a StorageClass of that name. An empty name asks for none.
 */
export function defaultStorageClass(cache: WatchCache): AdmissionPlugin {
  const classes = cache.kind("/storage.k8s.io/storageclasses/");
  const sets = cache.kind("/berth.dev/pluginsets/");
  return {
    name: "DefaultStorageClass",
    mutate({ operation, kind, object }) {
      if (operation !== "CREATE" || kind.group !== "" || kind.kind !== "PersistentVolumeClaim") return;
      const claim = object as Draft;
      const spec = (claim.spec ??= {});
      if (spec["storageClassName"] !== undefined) return;
      const all = [...classes.objects()].map((cached) => cached.object<Draft>().metadata);
      const [annotated] = all
        .filter((meta) => meta.annotations?.[annotation] === "true")
        .sort((a, b) => (b.creationTimestamp ?? "").localeCompare(a.creationTimestamp ?? ""));
      const name =
        annotated?.name ?? classOfSet([...sets.objects()].map((cached) => cached.object<PluginSet>()));
      if (all.some((meta) => meta.name === name)) spec["storageClassName"] = name;
    },
  };
}

function classOfSet(sets: readonly PluginSet[]): string | undefined {
  const isInForce = ({ status }: PluginSet): boolean =>
    status?.conditions?.some(({ type, status }) => type === "InForce" && status === "True") ?? false;
  return inPrecedence(sets.filter(isInForce))[0]?.spec.defaultStorageClass;
}
