import type { Exchange } from "../../exchange.ts";

export const ofAnn =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIWE1INENBUUF3SERFTU1Bb0dBMVVFQXd3RFlXNXVNUXd3Q2dZRFZRUUtEQU5rWlhZd1dUQVRCZ2NxaGtqTwpQUUlCQmdncWhrak9QUU1CQndOQ0FBUUpNeVpKODBnaWpwVVlOWFhxTGZwRlhIaTlDNFVKemhxVGJzaENhTzZXCkRzTk9NZEpieit5MHdnbzF0U0J0VDJ1NzhTTmxQUnY3c3Vsa1Uwb2tKekxRb0FBd0NnWUlLb1pJemowRUF3SUQKU1FBd1JnSWhBTzA1REZvOVk0T0FYUTRQckttQnk3Qlh4OWlXdWlSbjJ6dFhQOHMwWjdSNkFpRUFraytyYXB0YgpDSjFtWFpmSjRRZlQyM1hnU0VRbytEZGpGclBXN1V3K3FjUT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==";
export const ofMaster =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIaU1JR0pBZ0VBTUNjeEREQUtCZ05WQkFNTUEyRnViakVYTUJVR0ExVUVDZ3dPYzNsemRHVnRPbTFoYzNSbApjbk13V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVRNY242ZXJqcm80OHplTndsNUN2T3h4VlIrCk1SVFR6NFI4QjdQY2ZwYy94WUNQRTkydmw0bFlaQ2xVQjRQcnp1Z1hYbFZENjVQTnIwMGd1RU1rcTNod29BQXcKQ2dZSUtvWkl6ajBFQXdJRFNBQXdSUUlnQWM0Znh4eHpXT0lxTi9PRHdhYmk5NlNGbEZVNDRLZ0xjb00yV1ZCQQptTTBDSVFDQlpSdGxJekFvelpSOHJ0K3NDczRXLzI3MytuTkVYNlhBWlU5RkxhcHh4dz09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=";
export const ofNode =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIc01JR1NBZ0VBTURBeEZUQVRCZ05WQkFvTURITjVjM1JsYlRwdWIyUmxjekVYTUJVR0ExVUVBd3dPYzNsegpkR1Z0T201dlpHVTZiakV3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVJEK1RhZk9qZnp0OU52Cms2b3VwSWZFVUR0NWFNakF3U0c0SGRyWkhpN2VESzhHNWs5eS9aTGc3VUc0QmJXZkNibFlwejBzTFRyUUJSd0gKeXVYbGFnWHRvQUF3Q2dZSUtvWkl6ajBFQXdJRFNRQXdSZ0loQU5yOUc5M3ZtWUhPNmg4Z2hFbVZWN0VrSVVLZQpNL3RQUGhDbVc0UTh4NnR5QWlFQWhqMERoQmE1NmVnc1NGR01HN09pUnBQTGV3R21Bc3Y2SFZSRE15aXV2TTQ9Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=";
export const certificate =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJjekNDQVJtZ0F3SUJBZ0lVRmRLdU1ocFpEWElDaU1XRWJQbUszcXRxbXZVd0NnWUlLb1pJemowRUF3SXcKRGpFTU1Bb0dBMVVFQXd3RFlXNXVNQ0FYRFRJMk1URXlOekUxTXpVek0xb1lEekl3T0RFd09ETXdNVFV6TlRNegpXakFPTVF3d0NnWURWUVFEREFOaGJtNHdXVEFUQmdjcWhrak9QUUlCQmdncWhrak9QUU1CQndOQ0FBUmhmQ3FDCkpsYnF3L0UvLzVBa0ttSDlwYmxmYzZ3cXVmU3A0amtkRi9IZXpIT1RURk85L0RZNHFhOVZvR21OckJnZlFKRVcKejNyMVFPa012TExwQzZXVG8xTXdVVEFkQmdOVkhRNEVGZ1FVc25sTzJqQ0RiYXpHd1k4eGd4K203bjNMQkg4dwpId1lEVlIwakJCZ3dGb0FVc25sTzJqQ0RiYXpHd1k4eGd4K203bjNMQkg4d0R3WURWUjBUQVFIL0JBVXdBd0VCCi96QUtCZ2dxaGtqT1BRUURBZ05JQURCRkFpQVFFd05xQ3YyOStqRldBTkIvQ1lsaUxGN1FENmQ4bDlqWTJMVSsKMXduOW53SWhBTnBkYlA2bENIeEhURC9TODZ5Zi9aSzNkSEdjNEFMc0NoL1N0OXlLNFlJTAotLS0tLUVORCBDRVJUSUZJQ0FURS0tLS0tCg==";

export const at = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
export const client = "kubernetes.io/kube-apiserver-client";
export const spec = { request: ofAnn, signerName: "example.com/any", usages: ["client auth"] };
export const csr = (name: string, more: object = {}, metadata: object = {}): object => ({
  apiVersion: "certificates.k8s.io/v1",
  kind: "CertificateSigningRequest",
  metadata: { name, ...metadata },
  spec: { ...spec, ...more },
});
export const create = (name: string, more: object = {}): Exchange => ({
  path: `${at}?dryRun=All`,
  body: csr(name, more),
});
export const approval = (name: string, conditions: object[], from = "approval"): Exchange => ({
  method: "PATCH",
  path: `${at}/${name}/${from}`,
  type: "application/merge-patch+json",
  body: { status: { conditions } },
});
export const approved = { type: "Approved", status: "True", reason: "Fit", message: "it is fine" };
export const denied = { type: "Denied", status: "True", reason: "Unfit" };
export const failed = { type: "Failed", status: "True", reason: "Broken" };
export const issue = (name: string, text: string): Exchange => ({
  method: "PATCH",
  path: `${at}/${name}/status`,
  type: "application/merge-patch+json",
  body: { status: { certificate: text } },
});
export const base64 = (text: string): string => Buffer.from(text).toString("base64");
