import type { CoreSettings } from "../serve/core-settings.ts";

/** The command line of `berth start` that gives exactly these settings. */
export function serveArguments(settings: CoreSettings): string[] {
  const options: readonly (readonly [string, string | undefined])[] = [
    ["--data-dir", settings.dataDirectory],
    ["--run-dir", settings.runDirectory],
    ["--kubelet-root", settings.kubeletRoot],
    ["--node-name", settings.nodeName],
    ["--address", settings.address],
    ["--node-address", settings.nodeAddress],
    ["--port", String(settings.apiPort)],
    ["--kubelet-port", String(settings.kubeletPort)],
    ["--plugins", settings.pluginFolder],
    ["--set", settings.pluginSet],
    ["--encryption-provider-config", settings.encryptionFile],
    ["--etcd-servers", settings.etcd?.servers.join(",")],
    ["--etcd-prefix", settings.etcd?.root],
    ["--etcd-cafile", settings.etcd?.authorityFile],
    ["--etcd-certfile", settings.etcd?.certificateFile],
    ["--etcd-keyfile", settings.etcd?.keyFile],
    ["--npm-registry", settings.npmRegistry],
    ["--registry-auth-file", settings.registryAuthFile],
    ["--npmrc", settings.npmrc],
  ];
  return [
    "start",
    ...options.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
    ...(settings.allowedSources ? ["--allow-source", ...settings.allowedSources] : []),
    ...(settings.devPlugins ? ["--dev-plugins"] : []),
    ...(settings.ephemeral ? ["--ephemeral"] : []),
  ];
}
