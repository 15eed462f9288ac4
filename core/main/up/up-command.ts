import type { CliCommand } from "../../cli/command.ts";
import { createApiClient, httpsTransport, readKubeconfig } from "../../client/index.ts";
import { auditArguments } from "../serve/audit-options.ts";
import { addCoreOptions, type CoreOptions, coreSettings, repositoryRoot } from "../serve/core-options.ts";

/** `berth up`: what `npm start` runs. */
export const upCommand: CliCommand = {
  register(program, context) {
    const command = program
      .command("up")
      .description(
        "bring up one node with five plugins and the examples, stay, and take everything down on Ctrl-C",
      );
    addCoreOptions(command, {
      dataDir: "/var/lib/berth-up",
      runDir: "/run/berth-up",
      kubeletRoot: "/var/lib/berth-up/kubelet",
      set: "standard",
      ephemeral: true,
    })
      .option("--exit-when-ready", "run the checks of the main job, then end", false)
      .addHelpText("after", "\nExample:\n  berth up --exit-when-ready")
      .action(async (options: CoreOptions & { exitWhenReady: boolean }) => {
        const interrupted = new AbortController();
        for (const signal of ["SIGINT", "SIGTERM"] as const) {
          process.on(signal, () => interrupted.abort(new Error(`received ${signal}`)));
        }
        const { runUp } = await import("./up.ts");
        await runUp(
          {
            core: coreSettings(options),
            auditArguments: auditArguments(options),
            exitWhenReady: options.exitWhenReady,
            root: repositoryRoot(),
          },
          context,
          async (kubeconfig) => createApiClient(httpsTransport(await readKubeconfig(kubeconfig))),
          interrupted.signal,
        );
        process.exit();
      });
  },
};
