import type { Strategy } from "../strategy.ts";

const ownFinalizer = "kubernetes";
const nameLabel = "kubernetes.io/metadata.name";

/** A namespace leaves when its contents have: `spec.finalizers` says who still has to look. */
export const namespaceStrategy: Strategy = {
  prepareForCreate(namespace) {
    namespace.status = { phase: "Active" };
    const finalizers = (namespace.spec?.["finalizers"] as string[] | undefined) ?? [];
    namespace.spec = {
      ...namespace.spec,
      finalizers: finalizers.includes(ownFinalizer) ? finalizers : [...finalizers, ownFinalizer],
    };
    const { metadata } = namespace;
    metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name ?? "" };
  },
  prepareForUpdate(namespace, old, { subresource }) {
    if (subresource !== "finalize") {
      if (old.spec === undefined) delete namespace.spec;
      else namespace.spec = old.spec;
    }
    if (subresource === "") {
      const { metadata } = namespace;
      metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name ?? "" };
    }
    if (old.metadata.deletionTimestamp && namespace.status?.["phase"] !== "Terminating")
      namespace.status = { ...namespace.status, phase: "Terminating" };
  },
  deletesWithoutGrace: true,
  deletionBegun(namespace) {
    namespace.status = { ...namespace.status, phase: "Terminating" };
  },
  mayLeave: (namespace) => ((namespace.spec?.["finalizers"] as string[] | undefined) ?? []).length === 0,
};
