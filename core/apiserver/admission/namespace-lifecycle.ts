import type { WatchCache } from "../cache/watch-cache.ts";
import { forbidden, notFound, StatusError } from "../request/status-error.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

const immortal: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"]);

/** Nothing is made in a namespace that is not there or is leaving; some namespaces never leave. */
export function namespaceLifecycle(cache: WatchCache): AdmissionPlugin {
  const namespaces = cache.kind("/core/namespaces/");
  return {
    name: "NamespaceLifecycle",
    // Before anybody looks for something in the namespace, and again when everybody has.
    mutate: checkNamespace,
    validate(request) {
      const { operation, kind, name } = request;
      if (operation === "DELETE" && kind.group === "" && kind.kind === "Namespace" && immortal.has(name))
        throw forbidden(kind, name, "this namespace may not be deleted");
      checkNamespace(request);
    },
  };

  function checkNamespace({ operation, kind, namespace, name }: AdmissionRequest): void {
    if (operation !== "CREATE" || !kind.namespaced) return;
    const found = namespaces.get(`/core/namespaces/${namespace}`);
    if (!found) throw notFound({ group: "", resource: "namespaces" }, namespace);
    if (!found.isLeaving) return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const refusal = forbidden(kind, name, why);
    throw new StatusError(403, refusal.reason, refusal.message, {
      ...refusal.details,
      causes: [
        {
          reason: "NamespaceTerminating",
          message: `namespace ${namespace} is being terminated`,
          field: "metadata.namespace",
        },
      ],
    });
  }
}
