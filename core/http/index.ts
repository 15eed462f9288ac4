/** TLS, client identity and upgrade: what the API server and the kubelet's own port share. */
export { type CertificateRequest, createAuthority, issueCertificate, type KeyPair } from "./certificates.ts";
export { certificateSigner, type CertificateSigner, type SigningRequestFacts } from "./certificate-signer.ts";
export { type ClientIdentity, identityAt, identityOfSocket } from "./client-identity.ts";
export { bodyBroken, bodyTooLarge, requestAborted } from "./errors.ts";
export { kubeconfigText, type KubeconfigOptions, writeKubeconfig } from "./kubeconfig.ts";
export { frontProxyName, type LeafRequest, openPki, Pki } from "./pki.ts";
export { RenewalRounds } from "./renewal-rounds.ts";
export { listPki, type PkiEntry, renewPki } from "./pki-inventory.ts";
export { readBody } from "./request-body.ts";
export {
  type HttpRequest,
  type HttpResponse,
  SecureServer,
  type SecureServerOptions,
  type ServerLimits,
} from "./secure-server.ts";
export type { ServiceAccountKeys } from "./service-account-keys.ts";
