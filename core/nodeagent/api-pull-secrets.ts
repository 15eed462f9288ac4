import { type ApiClient, ApiError } from "../client/contracts.ts";
import { clientOf, resources } from "../client/resources.ts";
import type { PullSecrets } from "../pluginhost/contracts/index.ts";

/** Reads a Secret at the moment it is needed and keeps nothing: who may read which decides the API, for each reader. */
export function apiPullSecrets(api: ApiClient): PullSecrets {
  const secrets = clientOf(api, resources.secrets);
  return {
    async read({ namespace, name }) {
      try {
        const { data = {} } = await secrets.get(name, { namespace });
        return Object.fromEntries(
          Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
        );
      } catch (error) {
        if (ApiError.is(error, "NotFound")) return undefined;
        throw error;
      }
    },
  };
}
