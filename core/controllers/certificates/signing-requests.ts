import type { CertificateSigningRequest } from "../../api/index.ts";

export type RequestState = "pending" | "approved" | "denied" | "failed" | "issued";

export function stateOf({ status }: CertificateSigningRequest): RequestState {
  if (status?.certificate) return "issued";
  const types = new Set((status?.conditions ?? []).map(({ type }) => type));
  if (types.has("Denied")) return "denied";
  if (types.has("Failed")) return "failed";
  return types.has("Approved") ? "approved" : "pending";
}

/** The PEM text inside. */
export function requestText({ spec }: CertificateSigningRequest): string {
  return decodeBase64(spec.request);
}

export function decodeBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
