import type { Command } from "commander";
import type { CliCommand, CliContext } from "../../cli/command.ts";
import { addDoctorCommand } from "../doctor/doctor-command.ts";
import { addCallCommands } from "./call-commands.ts";
import { addChangeCommands } from "./change-commands.ts";
import { addDebugCommand } from "./debug-command.ts";
import { addDevCommand } from "./dev-command.ts";
import { addPinCommand } from "./pin-command.ts";
import { addReadCommands } from "./read-commands.ts";

/** Adds some of the commands of `berth plugin`. */
export type PluginCommands = (plugin: Command, context: CliContext, program: Command) => void;

const exitCodes = `
Exit status:
  0  done
  1  not done; the message says why and what to do next
  2  refused or failed on a node: what was there before serves on
  3  not done within --timeout; it may still come
  4  answers differ (replay)`;

/** `berth plugin`: everything an operator or an author does to one plugin. */
export const pluginCommand: CliCommand = {
  register(program, context) {
    const plugin = program
      .command("plugin")
      .description("look at, change, call and debug plugins")
      .addHelpText("after", exitCodes);
    const groups: PluginCommands[] = [
      addReadCommands,
      addChangeCommands,
      addCallCommands,
      addPinCommand,
      addDebugCommand,
      addDevCommand,
      addDoctorCommand,
    ];
    for (const add of groups) add(plugin, context, program);
  },
};
