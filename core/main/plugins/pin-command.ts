import { type PinOptions, pluginFrom } from "../serve/plugin-from.ts";
import type { PluginCommands } from "./plugin-command.ts";

const examples = `
Examples:
  berth plugin pin /opt/my-plugin | kubectl apply -f -
  berth plugin pin npm:@acme/plugin@1.2.3 --registry https://npm.acme.example
  berth plugin pin oci:ghcr.io/acme/plugin:1.2.3
  berth plugin pin /usr/local/bin/acme-csi --contract csi --arg --endpoint='unix://\${socket}'
  berth plugin pin unix:///run/acme/csi.sock --contract csi --name acme`;

/** `berth plugin pin`: from a package to what `kubectl apply` takes. Asks no core. */
export const addPinCommand: PluginCommands = (plugin, context) => {
  plugin
    .command("pin <source>")
    .description(
      "print the Plugin object of a folder, a .tgz file, an executable, npm:NAME@VERSION, oci:REFERENCE or " +
        "unix:///SOCKET, pinned by its digest, with the grants its manifest asks for",
    )
    .option("--name <name>", "name of the object; the manifest's id without it")
    .option("--dev", "without a digest: run the folder as it stands, unverified", false)
    .option("--contract <contract>", "cri, csi, cni or device, for an executable or a socket")
    .option("--arg <argument...>", "arguments of an executable; ${socket} is where it is to serve")
    .option("--registry <url>", "npm registry to fetch from; npm's own without it")
    .addHelpText("after", examples)
    .action(async (source: string, { arg, ...options }: PinOptions & { arg?: string[] }) => {
      context.print(JSON.stringify(await pluginFrom(source, { ...options, args: arg }), undefined, 2));
    });
};
