import { errorMessage } from "@berth/base";
import type { CertificateSigningRequest } from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { unlessGone } from "../../client/reconcile.ts";
import { clientOf, resources } from "../../client/resources.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import type { CertificateSigner } from "./certificate-signer.ts";
import { requestQueue } from "./request-queue.ts";
import { signerPolicies } from "./signer-policy.ts";
import { requestText, stateOf } from "./signing-requests.ts";

/** Issues what was approved of the signers that Berth runs; what a signer does not certify fails with the reason. */
export class RequestSigner implements Controller {
  readonly label = "certificate signer";
  readonly #parts: ControllerParts;
  readonly #signer: CertificateSigner;
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts, signer: CertificateSigner) {
    this.#parts = parts;
    this.#signer = signer;
    const isDue = (request: CertificateSigningRequest): boolean => stateOf(request) === "approved";
    this.#queue = requestQueue(this.label, parts, isDue, (request) => this.#reconcile(request));
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  async #reconcile(request: CertificateSigningRequest): Promise<void> {
    const policy = signerPolicies.get(request.spec.signerName);
    if (!policy) return;
    const { usages = [], expirationSeconds } = request.spec;
    const text = requestText(request);
    try {
      const reason = policy(await this.#signer.read(text), usages);
      if (reason !== undefined) return await this.#fail(request, "SignerValidationFailure", reason);
    } catch (error) {
      return await this.#fail(request, "SigningRequestBroken", errorMessage(error));
    }
    const certificate = await this.#signer.sign(text, {
      usages,
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    });
    await this.#answer(request, { certificate: Buffer.from(certificate).toString("base64") });
  }

  #fail(request: CertificateSigningRequest, reason: string, message: string): Promise<void> {
    const condition = { type: "Failed", status: "True", reason, message };
    return this.#answer(request, { conditions: [...(request.status?.conditions ?? []), condition] });
  }

  async #answer(
    request: CertificateSigningRequest,
    change: NonNullable<CertificateSigningRequest["status"]>,
  ): Promise<void> {
    const client = clientOf(this.#parts.api, resources.signingRequests);
    const status = { ...request.status, ...change };
    await unlessGone(client.update({ ...request, status }, { subresource: "status" }));
  }
}
