import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { BerthError } from "@berth/base";
import { parse } from "yaml";
import type { HttpsTransportOptions } from "./https-transport.ts";

export const kubeconfigUnusable = BerthError.define({
  code: "BERTH_CLIENT_KUBECONFIG",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "cluster user",
  next: "Start a core if none runs (npm start, berth start), and name the kubeconfig it wrote with KUBECONFIG or --kubeconfig: `npm start` prints its path, `berth start` writes admin.conf into its --data-dir.",
});

interface Kubeconfig {
  clusters?: { name: string; cluster?: Record<string, string> }[];
  users?: { name: string; user?: Record<string, string> }[];
  contexts?: { name: string; context?: { cluster: string; user: string; namespace?: string } }[];
  "current-context"?: string;
}

/** How to reach and to convince the server of a kubeconfig's current context. @throws BerthError kubeconfigUnusable */
export async function readKubeconfig(
  file: string,
): Promise<HttpsTransportOptions & { readonly namespace?: string }> {
  let config: Kubeconfig;
  try {
    config = parse(await readFile(file, "utf8")) as Kubeconfig;
  } catch (cause) {
    throw new BerthError(kubeconfigUnusable, `the kubeconfig ${file} cannot be read`, { cause });
  }
  const context = config.contexts?.find((one) => one.name === config["current-context"])?.context;
  const cluster = config.clusters?.find((one) => one.name === context?.cluster)?.cluster;
  const user = config.users?.find((one) => one.name === context?.user)?.user;
  const server = cluster?.["server"];
  if (!context || !server) {
    const which = config["current-context"] ?? "";
    throw new BerthError(
      kubeconfigUnusable,
      `the kubeconfig ${file} has no server for its current context ${JSON.stringify(which)}`,
    );
  }
  const embedded = async (
    from: Record<string, string> | undefined,
    name: string,
  ): Promise<string | undefined> => {
    const data = from?.[`${name}-data`];
    if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
    const path = from?.[name];
    return path === undefined ? undefined : await readFile(resolve(dirname(file), path), "utf8");
  };
  const authority = await embedded(cluster, "certificate-authority");
  const certificate = await embedded(user, "client-certificate");
  const key = await embedded(user, "client-key");
  const token = user?.["token"];
  return {
    server,
    user: context.user,
    ...(authority === undefined ? {} : { authority }),
    ...(certificate !== undefined && key !== undefined ? { certificate: { certificate, key } } : {}),
    ...(token === undefined ? {} : { token }),
    ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
  };
}
