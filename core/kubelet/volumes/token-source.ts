import type { Clock } from "@berth/base";
import type { Pod } from "../../api/index.ts";
import type { ApiClient } from "../../client/contracts.ts";
import { podNamespace, podUid } from "../pods/pod-containers.ts";

interface Token {
  readonly token: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

const longestUseMs = 24 * 3_600_000;

/** Service account tokens for volumes, asked for anew when most of their life is over. */
export class TokenSource {
  readonly #client: ApiClient;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, Token>();

  constructor(parts: { client: ApiClient; clock: Clock }) {
    this.#client = parts.client;
    this.#clock = parts.clock;
  }

  async token(
    pod: Pod,
    audience: string | undefined,
    expirationSeconds: number,
    signal?: AbortSignal,
  ): Promise<string> {
    const account = pod.spec?.serviceAccountName || "default";
    const key = [podUid(pod), account, audience ?? "", expirationSeconds].join(" ");
    const held = this.#tokens.get(key);
    if (held && this.#clock.now() < refreshAt(held)) return held.token;
    const issuedAt = this.#clock.now();
    const answer = await this.#client.request({
      method: "POST",
      path: `/api/v1/namespaces/${podNamespace(pod)}/serviceaccounts/${account}/token`,
      body: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: {
          audiences: audience ? [audience] : [],
          expirationSeconds,
          boundObjectRef: { apiVersion: "v1", kind: "Pod", name: pod.metadata.name, uid: podUid(pod) },
        },
      },
      ...(signal ? { signal } : {}),
    });
    const status = (answer.body as { status: { token: string; expirationTimestamp: string } }).status;
    const token = { token: status.token, issuedAt, expiresAt: Date.parse(status.expirationTimestamp) };
    this.#tokens.set(key, token);
    return token.token;
  }

  forget(uid: string): void {
    for (const key of this.#tokens.keys()) if (key.startsWith(`${uid} `)) this.#tokens.delete(key);
  }
}

/** At four fifths of its life, and daily at the latest (Kubernetes documentation, "Service Accounts", token rotation). */
function refreshAt(token: Token): number {
  return Math.min(token.issuedAt + (token.expiresAt - token.issuedAt) * 0.8, token.issuedAt + longestUseMs);
}
