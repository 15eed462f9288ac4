import { type ApiClient, createApiClient, httpsTransport, readKubeconfig } from "../client/index.ts";
import { defaults, kubeconfigFile } from "./serve/core-settings.ts";

/** The API by the kubeconfig named, by KUBECONFIG, or by the default data directory's own. */
export async function connectFrom(kubeconfig: string | undefined): Promise<ApiClient> {
  const file = kubeconfig ?? process.env["KUBECONFIG"] ?? kubeconfigFile(defaults);
  return createApiClient(httpsTransport(await readKubeconfig(file)));
}
