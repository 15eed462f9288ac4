import { allowEverywhere, as, rule } from "../../as-user.ts";
import type { Exchange, Scenario } from "../../exchange.ts";

const ofAnn =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIWE1INENBUUF3SERFTU1Bb0dBMVVFQXd3RFlXNXVNUXd3Q2dZRFZRUUtEQU5rWlhZd1dUQVRCZ2NxaGtqTwpQUUlCQmdncWhrak9QUU1CQndOQ0FBUUpNeVpKODBnaWpwVVlOWFhxTGZwRlhIaTlDNFVKemhxVGJzaENhTzZXCkRzTk9NZEpieit5MHdnbzF0U0J0VDJ1NzhTTmxQUnY3c3Vsa1Uwb2tKekxRb0FBd0NnWUlLb1pJemowRUF3SUQKU1FBd1JnSWhBTzA1REZvOVk0T0FYUTRQckttQnk3Qlh4OWlXdWlSbjJ6dFhQOHMwWjdSNkFpRUFraytyYXB0YgpDSjFtWFpmSjRRZlQyM1hnU0VRbytEZGpGclBXN1V3K3FjUT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==";
const ofMaster =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIaU1JR0pBZ0VBTUNjeEREQUtCZ05WQkFNTUEyRnViakVYTUJVR0ExVUVDZ3dPYzNsemRHVnRPbTFoYzNSbApjbk13V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVRNY242ZXJqcm80OHplTndsNUN2T3h4VlIrCk1SVFR6NFI4QjdQY2ZwYy94WUNQRTkydmw0bFlaQ2xVQjRQcnp1Z1hYbFZENjVQTnIwMGd1RU1rcTNod29BQXcKQ2dZSUtvWkl6ajBFQXdJRFNBQXdSUUlnQWM0Znh4eHpXT0lxTi9PRHdhYmk5NlNGbEZVNDRLZ0xjb00yV1ZCQQptTTBDSVFDQlpSdGxJekFvelpSOHJ0K3NDczRXLzI3MytuTkVYNlhBWlU5RkxhcHh4dz09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=";
const ofNode =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIc01JR1NBZ0VBTURBeEZUQVRCZ05WQkFvTURITjVjM1JsYlRwdWIyUmxjekVYTUJVR0ExVUVBd3dPYzNsegpkR1Z0T201dlpHVTZiakV3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVJEK1RhZk9qZnp0OU52Cms2b3VwSWZFVUR0NWFNakF3U0c0SGRyWkhpN2VESzhHNWs5eS9aTGc3VUc0QmJXZkNibFlwejBzTFRyUUJSd0gKeXVYbGFnWHRvQUF3Q2dZSUtvWkl6ajBFQXdJRFNRQXdSZ0loQU5yOUc5M3ZtWUhPNmg4Z2hFbVZWN0VrSVVLZQpNL3RQUGhDbVc0UTh4NnR5QWlFQWhqMERoQmE1NmVnc1NGR01HN09pUnBQTGV3R21Bc3Y2SFZSRE15aXV2TTQ9Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=";
const certificate =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJjekNDQVJtZ0F3SUJBZ0lVRmRLdU1ocFpEWElDaU1XRWJQbUszcXRxbXZVd0NnWUlLb1pJemowRUF3SXcKRGpFTU1Bb0dBMVVFQXd3RFlXNXVNQ0FYRFRJMk1URXlOekUxTXpVek0xb1lEekl3T0RFd09ETXdNVFV6TlRNegpXakFPTVF3d0NnWURWUVFEREFOaGJtNHdXVEFUQmdjcWhrak9QUUlCQmdncWhrak9QUU1CQndOQ0FBUmhmQ3FDCkpsYnF3L0UvLzVBa0ttSDlwYmxmYzZ3cXVmU3A0amtkRi9IZXpIT1RURk85L0RZNHFhOVZvR21OckJnZlFKRVcKejNyMVFPa012TExwQzZXVG8xTXdVVEFkQmdOVkhRNEVGZ1FVc25sTzJqQ0RiYXpHd1k4eGd4K203bjNMQkg4dwpId1lEVlIwakJCZ3dGb0FVc25sTzJqQ0RiYXpHd1k4eGd4K203bjNMQkg4d0R3WURWUjBUQVFIL0JBVXdBd0VCCi96QUtCZ2dxaGtqT1BRUURBZ05JQURCRkFpQVFFd05xQ3YyOStqRldBTkIvQ1lsaUxGN1FENmQ4bDlqWTJMVSsKMXduOW53SWhBTnBkYlA2bENIeEhURC9TODZ5Zi9aSzNkSEdjNEFMc0NoL1N0OXlLNFlJTAotLS0tLUVORCBDRVJUSUZJQ0FURS0tLS0tCg==";

const at = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const client = "kubernetes.io/kube-apiserver-client";
const spec = { request: ofAnn, signerName: "example.com/any", usages: ["client auth"] };
const csr = (name: string, more: object = {}, metadata: object = {}): object => ({
  apiVersion: "certificates.k8s.io/v1",
  kind: "CertificateSigningRequest",
  metadata: { name, ...metadata },
  spec: { ...spec, ...more },
});
const create = (name: string, more: object = {}): Exchange => ({
  path: `${at}?dryRun=All`,
  body: csr(name, more),
});
const approval = (name: string, conditions: object[], from = "approval"): Exchange => ({
  method: "PATCH",
  path: `${at}/${name}/${from}`,
  type: "application/merge-patch+json",
  body: { status: { conditions } },
});
const approved = { type: "Approved", status: "True", reason: "Fit", message: "it is fine" };
const denied = { type: "Denied", status: "True", reason: "Unfit" };
const failed = { type: "Failed", status: "True", reason: "Broken" };
const issue = (name: string, text: string): Exchange => ({
  method: "PATCH",
  path: `${at}/${name}/status`,
  type: "application/merge-patch+json",
  body: { status: { certificate: text } },
});
const base64 = (text: string): string => Buffer.from(text).toString("base64");

export const certificates: readonly Scenario[] = [
  {
    name: "certificate requests that are refused",
    exchanges: [
      create("admission-bad-1", { request: undefined }),
      create("admission-bad-1", { request: "" }),
      create("admission-bad-1", { request: base64("hello") }),
      create("admission-bad-1", {
        request: base64("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"),
      }),
      create("admission-bad-1", { request: certificate }),
      create("admission-bad-1", { request: "%%%" }),
      create("admission-bad-1", { signerName: undefined }),
      create("admission-bad-1", { signerName: "" }),
      create("admission-bad-1", { signerName: "nodomain" }),
      create("admission-bad-1", { signerName: "A_B.com/x" }),
      create("admission-bad-1", { signerName: "example.com/a b" }),
      create("admission-bad-1", { signerName: "com/x" }),
      create("admission-bad-1", { signerName: "example.com/" }),
      create("admission-bad-1", { signerName: "kubernetes.io/legacy-unknown" }),
      create("admission-bad-1", { usages: undefined }),
      create("admission-bad-1", { usages: [] }),
      create("admission-bad-1", { usages: ["client auth", "flying"] }),
      create("admission-bad-1", { usages: ["client auth", "client auth"] }),
      create("admission-bad-1", { expirationSeconds: 10 }),
      create("admission-bad-1", { expirationSeconds: 600 }),
      create("admission-bad-1", { expirationSeconds: -1 }),
      create("bad_name"),
      create("admission-bad-1", { request: "", signerName: "", usages: [], expirationSeconds: 1 }),
      create("admission-bad-1", { request: ofMaster, signerName: client }),
      create("admission-bad-1", { request: ofMaster }),
      create("admission-bad-1", {
        request: ofNode,
        signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      }),
      as(
        "system:node:n2",
        create("admission-bad-1", {
          request: ofNode,
          signerName: "kubernetes.io/kube-apiserver-client-kubelet",
        }),
      ),
      as(
        "system:node:n1",
        create("admission-bad-1", {
          request: ofNode,
          signerName: "kubernetes.io/kube-apiserver-client-kubelet",
        }),
      ),
      { path: at, body: { ...csr("admission-bad-2"), status: { conditions: [approved], certificate } } },
      { path: `${at}/admission-bad-2` },
    ],
  },
  {
    name: "who asked for a certificate",
    exchanges: [
      ...allowEverywhere("cat", "admission-cat", rule("* certificatesigningrequests certificates.k8s.io")),
      as(
        "cat",
        {
          path: at,
          body: csr("admission-who-1", {
            username: "somebody",
            groups: ["x"],
            uid: "1",
            extra: { a: ["b"] },
          }),
        },
        { group: "dev", uid: "7", extra: { "acme.io%2fteam": "red" } },
      ),
      as("cat", {
        method: "PUT",
        path: `${at}/admission-who-1`,
        body: csr("admission-who-1", { usages: ["server auth"] }),
      }),
      as("cat", {
        method: "PATCH",
        path: `${at}/admission-who-1`,
        type: "application/merge-patch+json",
        body: { metadata: { labels: { a: "b" } }, status: { certificate } },
      }),
      { path: `${at}?fieldSelector=spec.signerName%3Dnothing` },
      { path: `${at}?fieldSelector=spec.usages%3Dnothing` },
    ],
  },
  {
    name: "life of a certificate request",
    exchanges: [
      { path: at, body: csr("admission-life-1") },
      issue("admission-life-1", certificate),
      approval("admission-life-1", [approved], "status"),
      approval("admission-life-1", [{ type: "Approved" }]),
      approval("admission-life-1", [{ type: "Approved", status: "False" }]),
      approval("admission-life-1", [{ type: "", status: "True" }]),
      approval("admission-life-1", [{ type: "Approved", status: "Maybe" }]),
      approval("admission-life-1", [approved, denied]),
      approval("admission-life-1", [approved, approved]),
      approval("admission-life-1", [{ type: "Odd", status: "Unknown" }]),
      approval("admission-life-1", [approved]),
      approval("admission-life-1", []),
      approval("admission-life-1", [denied]),
      approval("admission-life-1", [approved, denied]),
      issue("admission-life-1", base64("hello")),
      issue("admission-life-1", ofAnn),
      issue("admission-life-1", certificate),
      issue("admission-life-1", ""),
      issue("admission-life-1", base64(`${Buffer.from(certificate, "base64").toString()}more`)),
      approval("admission-life-1", [approved, failed], "status"),
      approval("admission-life-1", [failed], "status"),
      { path: `${at}/admission-life-1/approval` },
      { path: `${at}/admission-life-1/status` },
      { path: `${at}/admission-life-1` },
      { method: "DELETE", path: `${at}/admission-life-1` },
    ],
  },
  {
    name: "denied and failed certificate requests",
    exchanges: [
      { path: at, body: csr("admission-denied-1") },
      approval("admission-denied-1", [denied]),
      approval("admission-denied-1", [approved]),
      issue("admission-denied-1", certificate),
      { path: at, body: csr("admission-failed-1") },
      approval("admission-failed-1", [failed], "status"),
      approval("admission-failed-1", [failed, approved]),
    ],
  },
  {
    name: "who approves and who signs",
    exchanges: [
      { path: at, body: csr("admission-sign-1") },
      ...allowEverywhere(
        "ada",
        "admission-ada",
        rule(
          "* certificatesigningrequests,certificatesigningrequests/approval,certificatesigningrequests/status certificates.k8s.io",
        ),
      ),
      as("ada", approval("admission-sign-1", [approved])),
      as("ada", issue("admission-sign-1", certificate)),
      as("ada", approval("admission-sign-1", [failed], "status")),
      ...allowEverywhere(
        "ada",
        "admission-ada-2",
        rule("approve,sign signers certificates.k8s.io example.com/*"),
      ),
      as("ada", approval("admission-sign-1", [approved])),
      as("ada", issue("admission-sign-1", certificate)),
      ...["bad-2", "who-1", "denied-1", "failed-1", "sign-1"].map((name) => ({
        method: "DELETE",
        path: `${at}/admission-${name}`,
      })),
    ],
  },
];
