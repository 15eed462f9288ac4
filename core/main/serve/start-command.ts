import type { CliCommand } from "../../cli/command.ts";
import { createCoreLogger } from "../logger.ts";
import { describeObstacles } from "../preflight/describe-obstacles.ts";
import { obstacles, preflight } from "../preflight/preflight.ts";
import { whenThereIsRoom } from "./when-there-is-room.ts";
import { addCoreOptions, type CoreOptions, coreSettings } from "./core-options.ts";

/** `berth start`: one core in the foreground, logging JSON lines to standard error. */
export const startCommand: CliCommand = {
  register(program, context) {
    const command = program.command("start").description("run one core in the foreground");
    addCoreOptions(command)
      .addHelpText("after", "\nExample:\n  berth start --set standard --data-dir /var/lib/berth")
      .action(async (options: CoreOptions) => {
        const settings = coreSettings(options);
        const blocked = obstacles(await preflight(settings));
        if (blocked.length > 0) {
          context.note(describeObstacles(blocked));
          context.fail(1);
          return;
        }
        const logger = createCoreLogger();
        const interrupted = new Promise<string>((resolve) => {
          for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
        });
        // Only this command needs the whole house in memory.
        const [{ compose }, { runCore }] = await Promise.all([
          import("../compose.ts"),
          import("./run-core.ts"),
        ]);
        const givenUp = new AbortController();
        void interrupted.then(() => givenUp.abort());
        const start = async () => runCore(settings, await compose(settings, logger), logger);
        const core = await whenThereIsRoom(settings.dataDirectory, start, {
          logger,
          givenUp: givenUp.signal,
        });
        const signal = await interrupted;
        if (!core) return context.fail(1);
        logger.info(`received ${signal}`, { mode: settings.ephemeral ? "teardown" : "leave" });
        const clean = await core.stop(settings.ephemeral ? "teardown" : "leave");
        logger.info("the core has ended");
        process.exit(clean ? 0 : 1);
      });
  },
};
