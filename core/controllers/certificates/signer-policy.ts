import type { SigningRequestFacts } from "./certificate-signer.ts";

const nodesGroup = "system:nodes";
const nodePrefix = "system:node:";

/** Why a signer does not sign this; undefined when it does. */
export type SignerPolicy = (facts: SigningRequestFacts, usages: readonly string[]) => string | undefined;

/**
 * The signers that Berth runs, with what each of them certifies (Kubernetes documentation, "Certificates and
 * Certificate Signing Requests": Kubernetes signers).
 */
export const signerPolicies: ReadonlyMap<string, SignerPolicy> = new Map<string, SignerPolicy>([
  [
    "kubernetes.io/kube-apiserver-client",
    (_, usages) =>
      checkUsages(usages, { needed: ["client auth"], allowed: ["digital signature", "key encipherment"] }),
  ],
  ["kubernetes.io/kube-apiserver-client-kubelet", kubeletClientPolicy],
  ["kubernetes.io/kubelet-serving", kubeletServingPolicy],
]);

/** A node's client certificate: in the group system:nodes, named as a node, for nothing else. */
export function kubeletClientPolicy(
  facts: SigningRequestFacts,
  usages: readonly string[],
): string | undefined {
  const { dnsNames, ipAddresses, emailAddresses, uris } = facts;
  if ([dnsNames, ipAddresses, emailAddresses, uris].some((names) => names.length > 0))
    return "subject alternative names are not allowed";
  return (
    nodeSubject(facts) ??
    checkUsages(usages, {
      needed: ["client auth", "digital signature"],
      allowed: ["key encipherment"],
    })
  );
}

function kubeletServingPolicy(facts: SigningRequestFacts, usages: readonly string[]): string | undefined {
  const { dnsNames, ipAddresses, emailAddresses, uris } = facts;
  if (dnsNames.length + ipAddresses.length === 0) return "at least one DNS name or IP address is required";
  if (emailAddresses.length > 0) return "email addresses are not allowed";
  if (uris.length > 0) return "URIs are not allowed";
  return (
    nodeSubject(facts) ??
    checkUsages(usages, {
      needed: ["server auth", "digital signature"],
      allowed: ["key encipherment"],
    })
  );
}

function nodeSubject({ commonName, organizations }: SigningRequestFacts): string | undefined {
  if (organizations.length !== 1 || organizations[0] !== nodesGroup)
    return `the subject's organization is not [${nodesGroup}]`;
  if (!commonName.startsWith(nodePrefix))
    return `the subject's common name does not begin with ${nodePrefix}`;
  return undefined;
}

function checkUsages(
  usages: readonly string[],
  { needed, allowed }: { needed: readonly string[]; allowed: readonly string[] },
): string | undefined {
  const missing = needed.filter((usage) => !usages.includes(usage));
  if (missing.length > 0) return `the usages lack ${missing.join(", ")}`;
  const others = usages.filter((usage) => !needed.includes(usage) && !allowed.includes(usage));
  return others.length > 0
    ? `the usages hold ${others.join(", ")}, which this signer does not give`
    : undefined;
}
