import { basename } from "node:path";
import { errorMessage } from "@berth/base";
import { environment } from "@berth/verbs";
import { takeCodeCacheNote } from "./code-cache.ts";
import { HelpWanted, readLaunch } from "./launch.ts";
import { createStderrLogger } from "./logging.ts";
import { readManifest } from "./manifest.ts";
import type { PluginDefinition } from "./plugin-definition.ts";
import { registrationOptions } from "./registration/register.ts";
import { RunningPlugin } from "./running-plugin.ts";

/**
 * The whole main program of a plugin: reads how it was started (by a host or by hand, see --help), serves until it is
 * told to end, and ends the process: 0 after an orderly end, 1 with one sentence on stderr otherwise.
 */
export async function serve<Config>(definition: PluginDefinition<Config>): Promise<never> {
  try {
    const manifest = readManifest(definition.folder);
    const launch = readLaunch(
      manifest,
      standAloneOptions(definition, manifest),
      process.argv.slice(2),
      process.env,
    );
    const log = createStderrLogger(
      {
        plugin: manifest.id,
        version: manifest.version,
        pid: process.pid,
        ...(launch.mode === "managed" ? { incarnation: launch.session.incarnation } : {}),
      },
      process.env["BERTH_LOG_LEVEL"],
    );
    const codeCache = takeCodeCacheNote(process.env);
    if (codeCache !== undefined) log.warn(codeCache);
    const asked = askedToEnd();
    const facts: Record<string, string> = codeCache === undefined ? {} : { "code-cache": codeCache };
    const plugin = await RunningPlugin.start(definition, launch, { log, facts });
    void asked.then((reason) => plugin.stop(reason));
    const end = await plugin.ended;
    return process.exit(end.exitCode);
  } catch (error) {
    if (error instanceof HelpWanted) {
      process.stdout.write(`${error.message}\n`);
      return process.exit(0);
    }
    process.stderr.write(
      `${process.env[environment.instance] ?? basename(definition.folder)}: ${errorMessage(error)}\n`,
    );
    return process.exit(1);
  }
}

/** Listens from the first moment: a signal during the start ends the plugin in order as soon as there is one. */
function askedToEnd(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      process.on(signal, () => resolve(`received ${signal}`));
  });
}

/** A manifest's needs become options, so that by hand everything can be given that a host would give. */
function standAloneOptions(
  definition: PluginDefinition<never>,
  manifest: { needs: readonly string[]; contract: string },
): Record<string, string> {
  const options: Record<string, string> = {
    ...registrationOptions(manifest.contract),
    ...definition.options,
  };
  for (const need of manifest.needs) {
    if (need.startsWith("daemon:"))
      options[need.slice("daemon:".length)] ??= `unix:///… of a running ${need.slice(7)}`;
    if (need === "network") {
      options["network-endpoint"] = "unix:///… of a berth.cni.v1 plugin that attaches sandboxes";
      options["network-name"] = "name of the network at that plugin (berth)";
    }
  }
  return options;
}
