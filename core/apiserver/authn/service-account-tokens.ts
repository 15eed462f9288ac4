import { createHash, createPrivateKey, createPublicKey, type KeyObject, timingSafeEqual } from "node:crypto";
import type { Clock } from "@berth/base";
import { errors, exportJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { ServiceAccountKeys } from "../../http/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Authenticated, TokenAuthenticator } from "./authenticator.ts";
import { type BearerToken, sha256 } from "./bearer-token.ts";

export interface BoundObject {
  readonly kind: "Pod" | "Node" | "Secret";
  readonly name: string;
  readonly uid: string;
}

export interface TokenSpec {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly bound?: BoundObject;
  /** The node of a bound pod. */
  readonly node?: { readonly name: string; readonly uid?: string };
}

/** Of tokens without end, which lie in Secrets. */
export interface LastingTokenSpec extends Pick<TokenSpec, "namespace" | "serviceAccount"> {
  readonly secret: string;
}

interface PrivateClaims {
  namespace?: string;
  serviceaccount?: { name: string; uid: string };
  pod?: { name: string; uid: string };
  node?: { name: string; uid?: string };
  secret?: { name: string; uid: string };
}

const claim = "kubernetes.io";
const algorithm = "ES256";
const lastingIssuer = "kubernetes/serviceaccount";
const lastingClaim = "kubernetes.io/serviceaccount";
const rememberMs = 10_000;
const rememberLimit = 4096;

/** Signs and checks the tokens of service accounts. A token dies with its account, its pod or its secret. */
export class ServiceAccountTokens implements TokenAuthenticator {
  readonly name = "service account tokens";
  readonly issuer: string;
  #signing: SigningKey;
  /** By key id: those whose signatures count. */
  #verifying: ReadonlyMap<string, KeyObject>;
  readonly #cache: WatchCache;
  readonly #clock: Clock;
  /** Signatures that were good a moment ago, by the digest of the token; what may end at any time is checked every time. */
  readonly #verified = new Map<string, { payload: JWTPayload; until: number }>();

  constructor(options: { issuer: string; keys: ServiceAccountKeys; cache: WatchCache; clock: Clock }) {
    this.issuer = options.issuer;
    this.#cache = options.cache;
    this.#clock = options.clock;
    this.#signing = signingKey(options.keys);
    this.#verifying = verifyingKeys(options.keys);
  }

  /** From now on these keys sign and count; what a key signed that is no longer among them ends. */
  useKeys(keys: ServiceAccountKeys): void {
    this.#signing = signingKey(keys);
    this.#verifying = verifyingKeys(keys);
    this.#verified.clear();
  }

  async issue(spec: TokenSpec): Promise<{ token: string; expiresAt: number }> {
    const now = Math.floor(this.#clock.now() / 1000);
    const expiresAt = now + spec.expirationSeconds;
    const bound = spec.bound && {
      [spec.bound.kind.toLowerCase()]: { name: spec.bound.name, uid: spec.bound.uid },
    };
    const claims: PrivateClaims = {
      namespace: spec.namespace,
      serviceaccount: spec.serviceAccount,
      ...bound,
      ...(spec.node ? { node: spec.node } : {}),
    };
    const token = await new SignJWT({ [claim]: claims })
      .setProtectedHeader({ alg: algorithm, kid: this.#signing.id })
      .setIssuer(this.issuer)
      .setSubject(`system:serviceaccount:${spec.namespace}:${spec.serviceAccount.name}`)
      .setAudience([...spec.audiences])
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(expiresAt)
      .setJti(crypto.randomUUID())
      .sign(this.#signing.key);
    return { token, expiresAt: expiresAt * 1000 };
  }

  /** A token that ends with its account or with the Secret that holds it. */
  async issueLasting({ namespace, serviceAccount, secret }: LastingTokenSpec): Promise<string> {
    return await new SignJWT({
      [`${lastingClaim}/namespace`]: namespace,
      [`${lastingClaim}/secret.name`]: secret,
      [`${lastingClaim}/service-account.name`]: serviceAccount.name,
      [`${lastingClaim}/service-account.uid`]: serviceAccount.uid,
    })
      .setProtectedHeader({ alg: algorithm, kid: this.#signing.id })
      .setIssuer(lastingIssuer)
      .setSubject(`system:serviceaccount:${namespace}:${serviceAccount.name}`)
      .sign(this.#signing.key);
  }

  async authenticate(token: BearerToken, audiences?: readonly string[]): Promise<Authenticated | undefined> {
    if (token.text.split(".").length !== 3) return undefined;
    const payload = await this.#verify(token);
    if (!payload) return undefined;
    const isLasting = payload.iss === lastingIssuer;
    const named = isLasting ? [this.issuer] : [payload.aud ?? []].flat();
    const wanted = audiences && audiences.length > 0 ? audiences : [this.issuer];
    const good = named.filter((one) => wanted.includes(one));
    if (good.length === 0) throw new Error(wrongAudience(named, wanted));
    const claims = isLasting ? lastingClaims(payload) : ((payload[claim] ?? {}) as PrivateClaims);
    const { namespace, serviceaccount: account } = claims;
    if (!namespace || !account) throw new Error("the token names no service account");
    this.#checkAlive(namespace, claims, account);
    if (isLasting) this.#checkHeld(namespace, lastingText(payload, "secret.name"), token.text);
    return {
      user: {
        name: `system:serviceaccount:${namespace}:${account.name}`,
        uid: account.uid,
        groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`],
        extra: extraOf(payload, claims),
      },
      audiences: good,
    };
  }

  async #verify(token: BearerToken): Promise<JWTPayload | undefined> {
    const digest = token.digest.toString("base64url");
    const now = this.#clock.now();
    const known = this.#verified.get(digest);
    if (known && known.until > now) return known.payload;
    try {
      const { payload } = await jwtVerify(token.text, ({ kid }) => this.#keyNamed(kid), {
        issuer: [this.issuer, lastingIssuer],
        algorithms: [algorithm],
        currentDate: new Date(now),
      });
      const until = Math.min(now + rememberMs, (payload.exp ?? Number.POSITIVE_INFINITY) * 1000);
      if (this.#verified.size >= rememberLimit) this.#verified.clear();
      this.#verified.set(digest, { payload, until });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired)
        throw new Error("the service account token has expired", { cause: error });
      if (error instanceof errors.JWTClaimValidationFailed && error.claim === "iss") return undefined;
      throw new Error("the service account token is not one this server signed", { cause: error });
    }
  }

  #keyNamed(id: string | undefined): KeyObject {
    const key = this.#verifying.get(id ?? this.#signing.id);
    if (!key) throw new Error("no key of that id signs here, or it no longer counts");
    return key;
  }

  #checkAlive(namespace: string, claims: PrivateClaims, account: { name: string; uid: string }): void {
    this.#checkOne("serviceaccounts", "service account", `${namespace}/${account.name}`, account.uid);
    const { pod, node, secret } = claims;
    // A pod ends with its node, and says so itself.
    if (node && !pod) this.#checkOne("nodes", "node", node.name, node.uid ?? "");
    if (pod) this.#checkOne("pods", "pod", `${namespace}/${pod.name}`, pod.uid);
    if (secret) this.#checkOne("secrets", "secret", `${namespace}/${secret.name}`, secret.uid);
  }

  #checkOne(resource: string, what: string, name: string, uid: string): void {
    const prefix = `/core/${resource}/`;
    const found = this.#cache.kind(prefix).get(prefix + name);
    if (!found) throw new Error(`the token's ${what} ${name} is gone`);
    if (found.object<{ metadata: { uid: string } }>().metadata.uid !== uid)
      throw new Error(`the token's ${what} ${name} has been replaced by another of the same name`);
  }

  /** The Secret that was made for it must hold it still. */
  #checkHeld(namespace: string, name: string, token: string): void {
    const prefix = "/core/secrets/";
    const found = this.#cache.kind(prefix).get(`${prefix}${namespace}/${name}`);
    const held = found?.object<{ data?: { token?: string } }>().data?.token ?? "";
    if (!timingSafeEqual(sha256(held), sha256(Buffer.from(token).toString("base64"))))
      throw new Error(`the secret ${namespace}/${name} does not hold the token, or is gone`);
  }

  /** For /openid/v1/jwks. */
  async jwks(): Promise<{ keys: JWK[] }> {
    const keys = [...this.#verifying].map(async ([kid, key]) => {
      const jwk = await exportJWK(key);
      return { ...jwk, use: "sig", alg: algorithm, kid };
    });
    return { keys: await Promise.all(keys) };
  }
}

function lastingText(payload: JWTPayload, name: string): string {
  const value = payload[`${lastingClaim}/${name}`];
  return typeof value === "string" ? value : "";
}

function lastingClaims(payload: JWTPayload): PrivateClaims {
  const text = (name: string): string => lastingText(payload, name);
  return {
    namespace: text("namespace"),
    serviceaccount: { name: text("service-account.name"), uid: text("service-account.uid") },
  };
}

interface SigningKey {
  readonly id: string;
  readonly key: KeyObject;
}

function signingKey({ privateKey }: ServiceAccountKeys): SigningKey {
  return { id: keyId(createPublicKey(privateKey)), key: createPrivateKey(privateKey) };
}

function verifyingKeys({ publicKeys }: ServiceAccountKeys): Map<string, KeyObject> {
  return new Map(publicKeys.map((pem) => createPublicKey(pem)).map((key) => [keyId(key), key]));
}

/** As the key id of a JSON web key: the hash of the public key. */
function keyId(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
}

function extraOf(payload: JWTPayload, claims: PrivateClaims): Record<string, string[]> {
  const prefix = "authentication.kubernetes.io";
  const { pod, node } = claims;
  return {
    ...(payload.jti ? { [`${prefix}/credential-id`]: [`JTI=${payload.jti}`] } : {}),
    ...(pod ? { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] } : {}),
    ...(node ? { [`${prefix}/node-name`]: [node.name] } : {}),
    ...(node?.uid ? { [`${prefix}/node-uid`]: [node.uid] } : {}),
  };
}

export function wrongAudience(named: readonly string[], wanted: readonly string[]): string {
  const list = (audiences: readonly string[]): string =>
    `[${audiences.map((one) => JSON.stringify(one)).join(" ")}]`;
  return `token audiences ${list(named)} is invalid for the target audiences ${list(wanted)}`;
}
