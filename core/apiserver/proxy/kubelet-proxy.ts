import { errorMessage, type Logger } from "@berth/base";
import type { KeyPair } from "../../http/index.ts";
import type { HttpResponse } from "../../http/index.ts";
import type { Reply, ServerRequest } from "../request/request.ts";
import { serviceUnavailable } from "../request/status-error.ts";
import { carryUpgrade } from "./carry-upgrade.ts";
import { type ForwardParts, forwardRequest } from "./forward-request.ts";
import type { KubeletAddress } from "./kubelet-address.ts";

/** The credentials with which kubelets are called. */
export interface KubeletCredentials {
  readonly client: KeyPair;
  /** PEM of the authority that signed the kubelets' serving certificates. */
  readonly authority: string;
}

/** Carries bytes between a caller and a kubelet; what they mean is between those two. */
export class KubeletProxy {
  readonly #credentials: () => Promise<KubeletCredentials>;
  readonly #logger: Logger;

  constructor(credentials: () => Promise<KubeletCredentials>, logger: Logger) {
    this.#credentials = credentials;
    this.#logger = logger;
  }

  /** A request and its answer, streamed as it comes: logs. `refused` says what the caller is told of another answer than 2xx. */
  async forward(
    address: KubeletAddress,
    path: string,
    request: ServerRequest,
    response: HttpResponse,
    refused?: ForwardParts["refused"],
  ): Promise<Reply> {
    const { client, authority } = await this.#credentials();
    const { host, port } = address;
    const options = { host, port, path, key: client.key, cert: client.certificate, ca: authority };
    return await forwardRequest(options, request, response, {
      unreachable: (error) => unreachable(address, error),
      logger: this.#logger,
      ...(refused && { refused }),
    });
  }

  /** Leaves HTTP: exec, attach, port-forward. */
  async upgrade(address: KubeletAddress, path: string, request: ServerRequest): Promise<Reply> {
    const { client, authority } = await this.#credentials();
    const { host, port } = address;
    const target = { host, port, path, key: client.key, cert: client.certificate, ca: authority };
    const headers = { Host: `${host.includes(":") ? `[${host}]` : host}:${port}` };
    return await carryUpgrade({ ...target, headers }, request, (error) => unreachable(address, error));
  }
}

function unreachable({ node, host, port }: KubeletAddress, error: unknown): Error {
  return serviceUnavailable(
    `the kubelet of node ${node} at ${host}:${port} cannot be reached: ${errorMessage(error)}`,
  );
}
