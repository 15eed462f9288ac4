import type { Pod } from "../../api/index.ts";
import type { ApiObject } from "../../client/contracts.ts";
import type { Informers } from "../../client/informers.ts";
import { resources } from "../../client/resources.ts";

/** On endpoint slices: who keeps them; slices of others are left alone. */
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";
export const sliceManager = "endpointslice-controller.berth.dev";

export type ClusterInformers = ReturnType<typeof clusterInformers>;

/** The informers that controllers share: one list and one watch a kind, whatever the number of listeners. */
export function clusterInformers(informers: Informers) {
  return {
    namespaces: informers.of(resources.namespaces),
    serviceAccounts: informers.of(resources.serviceAccounts),
    rootCertificates: informers.of(resources.configMaps, { fieldSelector: "metadata.name=kube-root-ca.crt" }),
    signingRequests: informers.of(resources.signingRequests),
    bootstrapTokens: informers.of(resources.secrets, {
      namespace: "kube-system",
      fieldSelector: "type=bootstrap.kubernetes.io/token",
    }),
    clusterRoles: informers.of(resources.clusterRoles),
    nodes: informers.of(resources.nodes),
    leases: informers.of(resources.leases, { namespace: "kube-node-lease" }),
    pods: informers.of(resources.pods, {
      indexes: {
        owner: controllerUid,
        node: ({ spec }) => (spec.nodeName ? [spec.nodeName] : []),
        claim: claimsOf,
        orphans: (pod) => (controllerUid(pod).length === 0 ? [pod.metadata.namespace ?? ""] : []),
      },
    }),
    services: informers.of(resources.services),
    endpointSlices: informers.of(resources.endpointSlices, {
      labelSelector: `${managedByLabel}=${sliceManager}`,
    }),
    deployments: informers.of(resources.deployments),
    replicaSets: informers.of(resources.replicaSets, { indexes: { owner: controllerUid } }),
    disruptionBudgets: informers.of(resources.disruptionBudgets),
    claims: informers.of(resources.claims),
    volumes: informers.of(resources.volumes, {
      indexes: {
        claim: ({ spec }) => (spec.claimRef ? [`${spec.claimRef.namespace}/${spec.claimRef.name}`] : []),
      },
    }),
    plugins: informers.of(resources.plugins),
    storageClasses: informers.of(resources.storageClasses),
  };
}

/** The claims whose volumes a pod uses, as `namespace/name`; those included that are made for it. */
export function claimsOf({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap((volume) => {
    const named = volume.persistentVolumeClaim?.claimName;
    const name = named ?? (volume.ephemeral ? `${metadata.name}-${volume.name}` : undefined);
    return name === undefined ? [] : [`${metadata.namespace}/${name}`];
  });
}

/** The uid of the object that manages this one: none or one. */
export function controllerUid({ metadata }: ApiObject): string[] {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  return owner ? [owner.uid] : [];
}
