import type { CertificateSigningRequest } from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { unlessGone } from "../../client/reconcile.ts";
import { clientOf, resources } from "../../client/resources.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import type { CertificateSigner } from "./certificate-signer.ts";
import { kubeletClientPolicy } from "./signer-policy.ts";
import { requestQueue } from "./request-queue.ts";
import { requestText, stateOf } from "./signing-requests.ts";

const kubeletSigner = "kubernetes.io/kube-apiserver-client-kubelet";

/** Approves the client certificates of nodes for whom RBAC says so: new ones, and the next ones of the same node. */
export class RequestApprover implements Controller {
  readonly label = "certificate approver";
  readonly #parts: ControllerParts;
  readonly #signer: CertificateSigner;
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts, signer: CertificateSigner) {
    this.#parts = parts;
    this.#signer = signer;
    const isDue = (request: CertificateSigningRequest): boolean =>
      request.spec.signerName === kubeletSigner && stateOf(request) === "pending";
    this.#queue = requestQueue(this.label, parts, isDue, (request) => this.#reconcile(request));
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  async #reconcile(request: CertificateSigningRequest): Promise<void> {
    const facts = await this.#signer.read(requestText(request));
    if (kubeletClientPolicy(facts, request.spec.usages ?? []) !== undefined) return;
    const own = request.spec.username === facts.commonName;
    for (const subresource of own ? ["selfnodeclient", "nodeclient"] : ["nodeclient"]) {
      if (!(await this.#mayHave(request, subresource))) continue;
      await this.#approve(request, own && subresource === "selfnodeclient");
      return;
    }
  }

  async #mayHave({ spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
    const { username = "", groups, uid, extra } = spec;
    const { body } = await this.#parts.api.request({
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: {
          user: username,
          groups: groups ?? [],
          ...(uid ? { uid } : {}),
          ...(extra ? { extra } : {}),
          resourceAttributes: {
            group: "certificates.k8s.io",
            resource: "certificatesigningrequests",
            verb: "create",
            subresource,
            version: "*",
          },
        },
      },
    });
    return (body as { status?: { allowed?: boolean } }).status?.allowed === true;
  }

  async #approve(request: CertificateSigningRequest, own: boolean): Promise<void> {
    const what = own ? "self kubelet client" : "kubelet client";
    const condition = {
      type: "Approved",
      status: "True",
      reason: "AutoApproved",
      message: `Auto approving ${what} certificate after SubjectAccessReview.`,
    };
    const conditions = [...(request.status?.conditions ?? []), condition];
    const client = clientOf(this.#parts.api, resources.signingRequests);
    await unlessGone(
      client.update({ ...request, status: { ...request.status, conditions } }, { subresource: "approval" }),
    );
  }
}
