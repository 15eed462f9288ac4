import { BerthError } from "@berth/base";
import type { Command } from "commander";
import type { EtcdSettings } from "../../store/etcd/etcd-settings.ts";

const badServers = BerthError.define({
  code: "BERTH_MAIN_ETCD_SERVERS",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "operator",
  next: "Name every member by its client URL, separated by commas: --etcd-servers https://10.0.0.1:2379,https://10.0.0.2:2379",
});

/** The options by which kube-apiserver knows its etcd. */
export interface EtcdOptions {
  etcdServers?: string;
  etcdPrefix?: string;
  etcdCafile?: string;
  etcdCertfile?: string;
  etcdKeyfile?: string;
}

/** How values lie at rest: the file has kube-apiserver's format, the option its name. */
export interface EncryptionOptions {
  encryptionProviderConfig?: string;
}

export function addEncryptionOption(command: Command): Command {
  return command.option(
    "--encryption-provider-config <file>",
    "EncryptionConfiguration: what is encrypted at rest",
  );
}

export function addEtcdOptions(command: Command): Command {
  return command
    .option("--etcd-servers <urls>", "keep the objects in this etcd instead of a file; members by comma")
    .option("--etcd-prefix <path>", "below which they lie there", "/berth")
    .option("--etcd-cafile <file>", "authority of the members' certificates")
    .option("--etcd-certfile <file>", "certificate shown to the members")
    .option("--etcd-keyfile <file>", "its key");
}

/** undefined without --etcd-servers. */
export function etcdSettings(options: EtcdOptions): EtcdSettings | undefined {
  if (options.etcdServers === undefined) return undefined;
  const servers = options.etcdServers.split(",").map((server) => server.trim());
  for (const server of servers) checkServer(server);
  const root = `/${(options.etcdPrefix ?? "/berth").replaceAll(/^\/+|\/+$/g, "")}`;
  if (root === "/") throw new BerthError(badServers, "--etcd-prefix may not be empty");
  return {
    servers,
    root,
    ...(options.etcdCafile !== undefined && { authorityFile: options.etcdCafile }),
    ...(options.etcdCertfile !== undefined && { certificateFile: options.etcdCertfile }),
    ...(options.etcdKeyfile !== undefined && { keyFile: options.etcdKeyfile }),
  };
}

function checkServer(server: string): void {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  const isPlain =
    url && ["http:", "https:"].includes(url.protocol) && url.port !== "" && url.pathname === "/";
  if (!isPlain)
    throw new BerthError(badServers, `--etcd-servers: ${JSON.stringify(server)} is not http(s)://HOST:PORT`);
}
