import { timingSafeEqual } from "node:crypto";
import type { Clock } from "@berth/base";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { TokenAuthenticator } from "./authenticator.ts";
import { sha256 } from "./bearer-token.ts";

const shape = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const prefix = "/core/secrets/";
const everyone = "system:bootstrappers";
const extraGroup = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

interface BootstrapSecret {
  readonly type?: string;
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * Tokens with which machines join: `<id>.<secret>`, kept in the Secret `kube-system/bootstrap-token-<id>` of type
 * `bootstrap.kubernetes.io/token`. Their user is `system:bootstrap:<id>` in the group `system:bootstrappers`.
 */
export function bootstrapTokens(cache: WatchCache, clock: Clock): TokenAuthenticator {
  const secrets = cache.kind(prefix);
  return {
    name: "bootstrap tokens",
    authenticate({ text }) {
      const [, id, given] = shape.exec(text) ?? [];
      if (id === undefined || given === undefined) return Promise.resolve(undefined);
      const secret = secrets.get(`${prefix}kube-system/bootstrap-token-${id}`)?.object<BootstrapSecret>();
      const data = secret?.type === "bootstrap.kubernetes.io/token" ? decode(secret.data) : {};
      // An unknown id costs the same comparison as a known one.
      if (!equal(data["token-secret"] ?? "", given) || data["token-id"] !== id)
        return Promise.resolve(undefined);
      if (
        secret?.metadata.deletionTimestamp !== undefined ||
        data["usage-bootstrap-authentication"] !== "true"
      )
        return Promise.resolve(undefined);
      const { expiration } = data;
      if (expiration !== undefined && !(Date.parse(expiration) > clock.now()))
        return Promise.reject(new Error(`the bootstrap token ${id} expired at ${expiration}; make another`));
      const extra = (data["auth-extra-groups"] ?? "").split(",").filter((group) => extraGroup.test(group));
      return Promise.resolve({ user: { name: `system:bootstrap:${id}`, groups: [everyone, ...extra] } });
    },
  };
}

function decode(data: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
  );
}

function equal(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b)) && a !== "";
}
