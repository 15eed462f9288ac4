import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { BerthError } from "@berth/base";
import type { Command } from "commander";
import { addAuditOptions, auditLogSettings, type AuditOptions } from "./audit-options.ts";
import {
  addEncryptionOption,
  addEtcdOptions,
  type EncryptionOptions,
  type EtcdOptions,
  etcdSettings,
} from "../store/etcd-options.ts";
import { addLoginOptions, loginFiles } from "./login-options.ts";
import { type CoreSettings, defaultNodeAddress, defaultNodeName, defaults } from "./core-settings.ts";

const badOption = BerthError.define({
  code: "BERTH_MAIN_OPTION",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "operator",
  next: "Correct the option; --help lists all of them with their defaults.",
});

/** What commander makes of the options below. */
export interface CoreOptions extends AuditOptions, EtcdOptions, EncryptionOptions {
  dataDir: string;
  runDir: string;
  kubeletRoot: string;
  nodeName: string;
  address: string;
  nodeAddress: string;
  port: string;
  kubeletPort: string;
  plugins: string;
  set?: string;
  devPlugins?: boolean;
  allowSource?: string[];
  npmRegistry?: string;
  registryAuthFile?: string;
  npmrc?: string;
  ephemeral?: boolean;
}

/** Adds the options that say where and how a core runs. */
export function addCoreOptions(command: Command, own: Partial<CoreOptions> = {}): Command {
  const option = (flags: string, text: string, value: string): void => {
    command.option(flags, text, value);
  };
  option(
    "--data-dir <folder>",
    "durable state: store, keys, packages, volumes, logs",
    own.dataDir ?? defaults.dataDirectory,
  );
  option("--run-dir <folder>", "sockets; a short path", own.runDir ?? defaults.runDirectory);
  option(
    "--kubelet-root <folder>",
    "the layout that upstream plugins expect",
    own.kubeletRoot ?? defaults.kubeletRoot,
  );
  option("--node-name <name>", "name of this node", defaultNodeName());
  option("--address <ip>", "where the API server and the kubelet listen", defaults.address);
  option("--node-address <ip>", "how pods and other machines know this node", defaultNodeAddress());
  option("--port <number>", "port of the API server", String(defaults.apiPort));
  option("--kubelet-port <number>", "port of the kubelet", String(defaults.kubeletPort));
  option("--plugins <folder>", "folder of the shipped plugins", shippedPlugins());
  addEtcdOptions(command);
  addEncryptionOption(command);
  command.option("--set <name>", "shipped plugin set to install: minimal, standard, sandboxed", own.set);
  command.option("--dev-plugins", "run plugins from their folder, unverified", false);
  command.option(
    "--allow-source <source...>",
    "where plugins may come from: /opt/plugins, npm:npm.example.com/@acme, oci:oci.example.com/acme; any without it",
  );
  command.option(
    "--npm-registry <url>",
    "npm registry of sources that name none; without it those are refused",
  );
  addLoginOptions(command);
  command.option("--ephemeral", "at the end take down everything on the node", own.ephemeral ?? false);
  addAuditOptions(command);
  return command;
}

export function coreSettings(options: CoreOptions): CoreSettings {
  const audit = auditLogSettings(options);
  return {
    ...(audit ? { audit } : {}),
    dataDirectory: resolve(options.dataDir),
    runDirectory: resolve(options.runDir),
    kubeletRoot: resolve(options.kubeletRoot),
    nodeName: options.nodeName,
    address: options.address,
    nodeAddress: options.nodeAddress,
    apiPort: portOf("--port", options.port),
    kubeletPort: portOf("--kubelet-port", options.kubeletPort),
    etcd: etcdSettings(options),
    encryptionFile:
      options.encryptionProviderConfig === undefined ? undefined : resolve(options.encryptionProviderConfig),
    pluginSet: options.set,
    pluginFolder: resolve(options.plugins),
    devPlugins: options.devPlugins ?? false,
    ...(options.allowSource && { allowedSources: options.allowSource }),
    ...(options.npmRegistry === undefined ? {} : { npmRegistry: options.npmRegistry }),
    ...loginFiles(options),
    ephemeral: options.ephemeral ?? false,
  };
}

function portOf(option: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw new BerthError(badOption, `${option} ${text}: a port is a number from 1 to 65535`);
  return port;
}

/** Beside the bundled program, or the built ones of a source tree. */
export function shippedPlugins(): string {
  return join(repositoryRoot(), "dist", "plugins");
}

/** The folder of package.json above this file, bundled or not. */
export function repositoryRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package-lock.json")) && dirname(folder) !== folder)
    folder = dirname(folder);
  return folder;
}
