import type {
  CSIDriver,
  EndpointSlice,
  Ingress,
  Node,
  ObjectMeta,
  PersistentVolume,
  Secret,
  Service,
} from "../generated/types.ts";

/** What the authors of some kinds are told of members that do less than they seem to. */
export function otherWarnings(type: string, object: object): readonly string[] {
  return tellers[type]?.(object) ?? [];
}

const none: readonly string[] = [];
type Teller<T = object> = (object: T) => readonly string[];

/** One of a type, seen as one of any: it only ever meets objects of its type. */
function teller<T>(tell: Teller<T>): Teller {
  return tell as unknown as Teller;
}

const tellers: Readonly<Record<string, Teller>> = {
  "core.v1.Service": teller<Service>(({ spec }) => {
    const told: string[] = [];
    const isHeadless = spec.clusterIP === "None";
    const isOutside = (spec.externalIPs?.length ?? 0) > 0;
    if (isHeadless && spec.loadBalancerIP) told.push("spec.loadBalancerIP is ignored for headless services");
    if (isHeadless && isOutside) told.push("spec.externalIPs is ignored for headless services");
    if (isHeadless && spec.sessionAffinity === "ClientIP")
      told.push("spec.SessionAffinity is ignored for headless services");
    if (isOutside && !isHeadless && spec.type !== "ExternalName")
      told.push("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
    if (isOutside && spec.type === "ExternalName")
      told.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
    if (spec.externalName && spec.type !== "ExternalName")
      told.push('spec.externalName is ignored when spec.type is not "ExternalName"');
    if (spec.trafficDistribution === "PreferClose")
      told.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
    return told;
  }),
  "core.v1.ServiceAccount": teller<{ metadata: ObjectMeta }>(({ metadata }) => {
    const annotation = "kubernetes.io/enforce-mountable-secrets";
    if (metadata.annotations?.[annotation] === undefined) return none;
    return [
      `metadata.annotations[${annotation}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
    ];
  }),
  "core.v1.Node": teller<Node>(({ spec }) =>
    spec?.externalID ? ["spec.externalID: this field is deprecated, and is unused by Kubernetes"] : none,
  ),
  "core.v1.PersistentVolume": teller<PersistentVolume>(({ spec }) =>
    spec?.rbd ? ["spec.rbd: deprecated in v1.28, non-functional in v1.31+"] : none,
  ),
  "core.v1.PersistentVolumeClaim": teller<{ metadata: ObjectMeta }>(({ metadata }) => {
    const annotation = "volume.beta.kubernetes.io/storage-class";
    if (metadata.annotations?.[annotation] === undefined) return none;
    return [
      `metadata.annotations[${annotation}]: deprecated since v1.8; use "storageClassName" attribute instead`,
    ];
  }),
  "discovery.v1.EndpointSlice": teller<EndpointSlice>(({ addressType }) =>
    addressType === "FQDN" ? ["spec.addressType: FQDN endpoints are deprecated"] : none,
  ),
  "storage.v1.CSIDriver": teller<CSIDriver>(({ spec }) =>
    spec?.tokenRequests?.length && spec.serviceAccountTokenInSecrets === undefined
      ? [
          "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes",
        ]
      : none,
  ),
  "core.v1.Secret": teller<Secret>(({ type, data }) =>
    type === "kubernetes.io/tls" && data?.["tls.crt"] === ""
      ? ["tls: failed to find any PEM data in certificate input"]
      : none,
  ),
  "networking.v1.Ingress": teller<Ingress>(({ metadata, spec }) => {
    const annotation = "kubernetes.io/ingress.class";
    if (metadata.annotations?.[annotation] === undefined || spec?.ingressClassName !== undefined) return none;
    return [`annotation "${annotation}" is deprecated, please use 'spec.ingressClassName' instead`];
  }),
};
