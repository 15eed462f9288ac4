import { type ApiClient, createApiClient, httpsTransport, readKubeconfig } from "../client/index.ts";
import { defaults, kubeconfigFile } from "./serve/core-settings.ts";

/** The file named, or KUBECONFIG's, or the default data directory's own. */
export function kubeconfigPath(named: string | undefined): string {
  return named ?? process.env["KUBECONFIG"] ?? kubeconfigFile(defaults);
}

/** The API by the kubeconfig of {@link kubeconfigPath}. */
export async function connectFrom(kubeconfig: string | undefined): Promise<ApiClient> {
  return createApiClient(httpsTransport(await readKubeconfig(kubeconfigPath(kubeconfig))));
}
