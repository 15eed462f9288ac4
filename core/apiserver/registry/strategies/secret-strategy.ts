import type { ServiceAccountTokens } from "../../authn/service-account-tokens.ts";
import type { WatchCache } from "../../cache/watch-cache.ts";
import type { Draft } from "../object-meta.ts";
import type { Strategy } from "../strategy.ts";

const tokenType = "kubernetes.io/service-account-token";
const accountName = "kubernetes.io/service-account.name";
const accountUid = "kubernetes.io/service-account.uid";

/**
 * Fills Secrets that ask for a lasting token of a service account: the token, the authority and the namespace. One whose account is
 * not there stays empty; a token dies with its account and with its Secret.
 */
export function secretStrategy(
  tokens: ServiceAccountTokens,
  cache: WatchCache,
  authority: () => string,
): Strategy {
  return {
    async prepareForCreate(secret) {
      const { metadata } = secret;
      const account = metadata.annotations?.[accountName];
      if (secret["type"] !== tokenType || !account) return;
      const namespace = metadata.namespace ?? "";
      const accounts = "/core/serviceaccounts/";
      const found = cache.kind(accounts).get(`${accounts}${namespace}/${account}`);
      if (!found) return;
      const uid = found.object<Draft>().metadata.uid ?? "";
      const token = await tokens.issueLasting({
        namespace,
        serviceAccount: { name: account, uid },
        secret: metadata.name ?? "",
      });
      metadata.annotations = { ...metadata.annotations, [accountUid]: uid };
      secret["data"] = {
        ...(secret["data"] as object | undefined),
        token: base64(token),
        "ca.crt": base64(authority()),
        namespace: base64(namespace),
      };
    },
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
