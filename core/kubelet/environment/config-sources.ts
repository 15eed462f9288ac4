import type { ConfigMap, Secret } from "../../api/index.ts";
import { type ApiClient, ApiError } from "../../client/contracts.ts";
import { resources } from "../resources.ts";
import type { ConfigSources } from "./container-environment.ts";

/** Reads ConfigMaps and Secrets when they are needed: a node may only see those that its pods name. */
export function apiConfigSources(client: ApiClient): ConfigSources {
  const configMaps = client.resource<ConfigMap>(resources.configMaps);
  const secrets = client.resource<Secret>(resources.secrets);
  return {
    configMap: (namespace, name) => unlessAbsent(configMaps.get(name, { namespace })),
    secret: (namespace, name) => unlessAbsent(secrets.get(name, { namespace })),
  };
}

async function unlessAbsent<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (ApiError.is(error, "NotFound")) return undefined;
    throw error;
  }
}
