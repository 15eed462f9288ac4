import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionPlugin } from "./admission.ts";

const asDefault = "ingressclass.kubernetes.io/is-default-class";
/** How ingresses said it before they had a member for it. */
const inAnnotation = "kubernetes.io/ingress.class";

/** An ingress that names no class gets the one that is annotated as default: the newest where several are. */
export function defaultIngressClass(cache: WatchCache): AdmissionPlugin {
  const classes = cache.kind("/networking.k8s.io/ingressclasses/");
  return {
    name: "DefaultIngressClass",
    mutate({ operation, kind, subresource, object }) {
      if (operation !== "CREATE" || kind.group !== "networking.k8s.io" || kind.kind !== "Ingress") return;
      if (subresource !== "") return;
      const ingress = object as Draft;
      const spec = (ingress.spec ??= {});
      if (spec["ingressClassName"] !== undefined) return;
      if (ingress.metadata.annotations?.[inAnnotation] !== undefined) return;
      const [chosen] = [...classes.objects()]
        .map((cached) => cached.object<Draft>().metadata)
        .filter(({ annotations }) => annotations?.[asDefault] === "true")
        .toSorted(
          (a, b) =>
            (b.creationTimestamp ?? "").localeCompare(a.creationTimestamp ?? "") ||
            (a.name ?? "").localeCompare(b.name ?? ""),
        );
      if (chosen?.name !== undefined) spec["ingressClassName"] = chosen.name;
    },
  };
}
