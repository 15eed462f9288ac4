import { BerthError, errorMessage } from "@berth/base";
import { mediaType, type Reference } from "@berth/oci";
import { pullFailed } from "../cri-error.ts";
import { type BearerChallenge, parseChallenge } from "./auth-challenge.ts";

export interface RegistryLogin {
  username: string;
  password: string;
  /** Sent as it is, instead of asking for a token. */
  registryToken: string;
  /** Exchanged for tokens (OAuth 2 refresh token). */
  identityToken: string;
}

const acceptManifests = [
  mediaType.index,
  mediaType.dockerIndex,
  mediaType.manifest,
  mediaType.dockerManifest,
].join(", ");
const maxDocumentBytes = 8 * 1024 * 1024;

/** The OCI distribution API of one repository, as far as pulling needs it. */
export class RegistryClient {
  readonly #reference: Reference;
  readonly #login: RegistryLogin | undefined;
  readonly #signal: AbortSignal;
  readonly #base: string;
  #authorization: string | undefined;

  constructor(reference: Reference, login: RegistryLogin | undefined, signal: AbortSignal) {
    this.#reference = reference;
    this.#login = login;
    this.#signal = signal;
    this.#base = `${registryUrl(reference.domain)}/v2/${reference.path}`;
  }

  async manifest(name: string): Promise<{ bytes: Buffer; type: string }> {
    const answer = await this.#get(`${this.#base}/manifests/${name}`, acceptManifests);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (bytes.length > maxDocumentBytes)
      throw this.#failure(`manifest ${name} is larger than ${maxDocumentBytes} bytes`);
    return { bytes, type: answer.headers.get("content-type")?.split(";")[0] ?? mediaType.manifest };
  }

  async blob(digest: string): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.#get(`${this.#base}/blobs/${digest}`, "*/*");
    if (!answer.body) throw this.#failure(`blob ${digest} came without a body`);
    return answer.body;
  }

  async #get(url: string, accept: string, retried = false): Promise<Response> {
    const answer = await this.#fetch(url, {
      accept,
      ...(this.#authorization !== undefined && { authorization: this.#authorization }),
    });
    if (answer.ok) return answer;
    await answer.body?.cancel();
    if (answer.status === 401 && !retried) {
      this.#authorization = await this.#authorize(answer.headers.get("www-authenticate") ?? "");
      return this.#get(url, accept, true);
    }
    throw this.#failure(`${new URL(url).host} answered ${answer.status} for ${new URL(url).pathname}`);
  }

  async #authorize(header: string): Promise<string> {
    const login = this.#login;
    if (login?.registryToken) return `Bearer ${login.registryToken}`;
    const challenge = parseChallenge(header);
    if (challenge?.scheme === "basic" && login) return basic(login);
    if (challenge?.scheme === "bearer") return `Bearer ${await this.#token(challenge)}`;
    throw this.#failure(
      "it needs a login, and none was given (imagePullSecrets; for a plugin pullSecret, or --registry-auth-file of the node)",
    );
  }

  async #token(challenge: BearerChallenge): Promise<string> {
    const url = new URL(challenge.realm);
    if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
    url.searchParams.set("scope", challenge.scope ?? `repository:${this.#reference.path}:pull`);
    const login = this.#login;
    const answer = login?.identityToken
      ? await this.#exchange(url, login.identityToken)
      : await this.#fetch(url.href, login?.username ? { authorization: basic(login) } : {});
    if (!answer.ok) throw this.#failure(`${url.host} refused a token with ${answer.status}`);
    const body = (await answer.json()) as { token?: string; access_token?: string };
    const token = body.token ?? body.access_token;
    if (token === undefined) throw this.#failure(`${url.host} answered without a token`);
    return token;
  }

  /** OAuth 2: a refresh token for one that lasts a moment. */
  #exchange(url: URL, refreshToken: string): Promise<Response> {
    const form = { grant_type: "refresh_token", client_id: "berth", refresh_token: refreshToken };
    const body = new URLSearchParams([...Object.entries(form), ...url.searchParams]);
    return this.#fetch(`${url.origin}${url.pathname}`, {}, body);
  }

  async #fetch(url: string, headers: Record<string, string>, body?: URLSearchParams): Promise<Response> {
    try {
      const post = body === undefined ? {} : { method: "POST", body };
      return await fetch(url, { headers, signal: this.#signal, ...post });
    } catch (error) {
      throw this.#failure(`${new URL(url).host} cannot be reached: ${errorMessage(error)}`, error);
    }
  }

  #failure(what: string, cause?: unknown): BerthError {
    return new BerthError(pullFailed, `image ${this.#reference.domain}/${this.#reference.path}: ${what}`, {
      cause,
    });
  }
}

function basic(login: RegistryLogin): string {
  return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
}

/** TLS everywhere but on the machine itself, where test and development registries have none. */
export function registryUrl(domain: string): string {
  const host = domain.replace(/:\d+$/, "");
  const local = host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
  if (domain === "docker.io") return "https://registry-1.docker.io";
  return `${local ? "http" : "https"}://${domain}`;
}
