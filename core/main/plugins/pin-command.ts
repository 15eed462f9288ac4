import { resolve } from "node:path";
import { readManifestOf } from "../../pluginhost/package/inspect-folder.ts";
import { pluginObject } from "../serve/plugin-object.ts";
import type { PluginCommands } from "./plugin-command.ts";

/** `berth plugin pin`: from a folder to what `kubectl apply` takes. Asks no core. */
export const addPinCommand: PluginCommands = (plugin, context) => {
  plugin
    .command("pin <folder>")
    .description("print the Plugin object of a folder, pinned by its digest, with the grants it asks for")
    .option("--name <name>", "name of the object; the manifest's id without it")
    .option("--dev", "without a digest: run the folder as it stands, unverified", false)
    .addHelpText("after", "\nExample:\n  berth plugin pin /opt/my-plugin | kubectl apply -f -")
    .action(async (folder: string, options: { name?: string; dev: boolean }) => {
      const path = resolve(folder);
      const name = options.name ?? (await readManifestOf(path)).id;
      context.print(JSON.stringify(await pluginObject(name, path, { dev: options.dev }), undefined, 2));
    });
};
