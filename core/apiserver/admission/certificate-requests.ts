import type { CertificateSigner } from "../../http/index.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import { nodeNameOf } from "../authz/node-authorizer.ts";
import type { Draft } from "../registry/object-meta.ts";
import { forbidden } from "../request/status-error.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

const group = "certificates.k8s.io";
const clientSigner = "kubernetes.io/kube-apiserver-client";
const nodeSigners: ReadonlySet<string> = new Set([
  "kubernetes.io/kube-apiserver-client-kubelet",
  "kubernetes.io/kubelet-serving",
]);
const mastersGroup = "system:masters";
const nodePrefix = "system:node:";

/** Who approves or denies needs `approve`, who issues needs `sign`, both on the signer that the request names. */
export function certificateDecisions(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: "CertificateApproval",
    validate(request) {
      if (!concerns(request, "UPDATE")) return;
      const verb = neededVerb(request);
      if (verb === undefined) return;
      const signer = signerOf(request.old ?? request.object);
      const names = [signer, `${signer.split("/", 1)[0]!}/*`];
      if (names.some((name) => may(authorizer, request, verb, name))) return;
      throw forbidden(
        request.kind,
        request.name,
        `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`,
      );
    },
  };
}

/** Nobody becomes a member of system:masters by asking for a certificate, and no node another node. */
export function certificateSubjectRestriction(signer: CertificateSigner): AdmissionPlugin {
  return {
    name: "CertificateSubjectRestriction",
    validate: (request) => (concerns(request, "CREATE") ? restrictSubject(signer, request) : undefined),
  };
}

async function restrictSubject(
  signer: CertificateSigner,
  { kind, name, object, user }: AdmissionRequest,
): Promise<void> {
  const asked = signerOf(object);
  const isOfNode = nodeNameOf(user) !== undefined && nodeSigners.has(asked);
  if (asked !== clientSigner && !isOfNode) return;
  const text = object?.spec?.["request"];
  if (typeof text !== "string") return;
  const { commonName, organizations } = await signer.read(Buffer.from(text, "base64").toString("utf8"));
  if (isOfNode && commonName.startsWith(nodePrefix) && commonName !== user.name)
    throw forbidden(kind, name, `can only create a node CSR with CN=${user.name}`);
  if (isOfNode || !organizations.includes(mastersGroup)) return;
  throw forbidden(kind, name, `use of ${clientSigner} signer with ${mastersGroup} group is not allowed`);
}

function concerns({ operation, kind }: AdmissionRequest, wanted: AdmissionRequest["operation"]): boolean {
  return operation === wanted && kind.group === group && kind.kind === "CertificateSigningRequest";
}

function neededVerb({ subresource, object, old }: AdmissionRequest): "approve" | "sign" | undefined {
  if (subresource === "approval") return "approve";
  if (subresource !== "status") return undefined;
  return object?.status?.["certificate"] === old?.status?.["certificate"] && !failed(object, old)
    ? undefined
    : "sign";
}

/** To declare a request failed is the signer's word too. */
function failed(object: Draft | undefined, old: Draft | undefined): boolean {
  const says = (draft: Draft | undefined): boolean =>
    ((draft?.status?.["conditions"] ?? []) as { type: string }[]).some(({ type }) => type === "Failed");
  return says(object) !== says(old);
}

function signerOf(request: Draft | undefined): string {
  const name = request?.spec?.["signerName"];
  return typeof name === "string" ? name : "";
}

function may(authorizer: Authorizer, { user }: AdmissionRequest, verb: string, name: string): boolean {
  const asked = {
    isResource: true as const,
    verb,
    group,
    version: "*",
    resource: "signers",
    subresource: "",
    namespace: "",
    name,
  };
  return authorizer.authorize(user, asked)?.allowed ?? false;
}
