import { readFile } from "node:fs/promises";
import { BerthError, errorMessage } from "@berth/base";
import { parse } from "yaml";
import type { Plugin } from "../../api/berth/types.ts";
import { apiPullSecrets } from "../../nodeagent/api-pull-secrets.ts";
import type { PullSecrets } from "../../pluginhost/contracts/index.ts";
import { badConfig } from "../../pluginhost/errors.ts";
import { checkConfig } from "../../pluginhost/manifest/check-config.ts";
import { addLoginOptions, addPullSecretOption } from "../serve/login-options.ts";
import { type PinnedPackage, type PinOptions, pluginFrom } from "../serve/plugin-from.ts";
import type { PluginCommands } from "./plugin-command.ts";

const examples = `
Examples:
  berth plugin pin /opt/my-plugin | kubectl apply -f -
  berth plugin pin /opt/my-plugin --config my-config.yaml
  berth plugin pin npm:@acme/plugin@1.2.3 --registry https://npm.acme.example
  berth plugin pin oci:oci.example.com/acme/plugin:1.2.3 --pull-secret kube-system/acme
  berth plugin pin /usr/local/bin/acme-csi --contract csi --arg --endpoint='unix://\${socket}'
  berth plugin pin unix:///run/acme/csi.sock --contract csi --name acme`;

type PinCommandOptions = PinOptions & { arg?: string[]; config?: string };

/** `berth plugin pin`: from a package to what `kubectl apply` takes. Asks no core, but for a Secret that is named. */
export const addPinCommand: PluginCommands = (plugin, context) => {
  addPullSecretOption(addLoginOptions(plugin.command("pin <source>")))
    .description(
      "print the Plugin object of a folder, a .tgz file, an executable, npm:NAME@VERSION, oci:REFERENCE or " +
        "unix:///SOCKET, pinned by its digest, with the grants its manifest asks for",
    )
    .option("--name <name>", "name of the object; the manifest's id without it")
    .option("--dev", "without a digest: run the folder as it stands, unverified", false)
    .option("--contract <contract>", "cri, csi, cni or device, for an executable or a socket")
    .option("--arg <argument...>", "arguments of an executable; ${socket} is where it is to serve")
    .option("--registry <url>", "npm registry to fetch from; needed for npm:NAME@VERSION")
    .option("--config <file>", "spec.config as YAML or JSON, checked against what the manifest says")
    .addHelpText("after", examples)
    .action(async (source: string, { arg, config, ...options }: PinCommandOptions) => {
      const pullSecrets: PullSecrets = {
        read: async (secret) => apiPullSecrets(await context.connect()).read(secret),
      };
      const pinned = await pluginFrom(source, { ...options, args: arg, pullSecrets });
      const object = config === undefined ? pinned.plugin : withConfig(pinned, await readConfig(config));
      context.print(JSON.stringify(object, undefined, 2));
    });
};

/** Throws {@link badConfig} naming every wrong key, and the nearest right one. */
function withConfig({ plugin, manifest }: PinnedPackage, config: Record<string, unknown>): Plugin {
  if (!manifest)
    throw new BerthError(badConfig, "--config: this source has no plugin.json to check it against");
  checkConfig(manifest, config);
  return { ...plugin, spec: { ...plugin.spec, config } };
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  try {
    return (parse(await readFile(file, "utf8")) ?? {}) as Record<string, unknown>;
  } catch (error) {
    throw new BerthError(badConfig, `cannot read ${file}: ${errorMessage(error)}`);
  }
}
