import { BerthError, errorMessage } from "@berth/base";
import { Command } from "commander";
import type { CliCommand, CliContext } from "./command.ts";

const exitStatus = `
Exit status: 0 done, 1 not done or not understood: the message says why and what to do. Commands that
have others say so in their --help.

Example:
  berth plugin ls --help`;

/** The `berth` program with the commands of all rooms. */
export function createProgram(
  version: string,
  commands: readonly CliCommand[],
  context: CliContext,
): Command {
  const program = new Command("berth")
    .description("A small Kubernetes core that owns contracts; every capability is a plugin.")
    .version(version)
    .option(
      "--kubeconfig <file>",
      "how to reach the API; default: $KUBECONFIG, then the data directory's admin.conf",
    )
    .showSuggestionAfterError()
    .showHelpAfterError("Run with --help for the options and an example.")
    .addHelpText("after", exitStatus);
  for (const command of commands) command.register(program, context);
  return program;
}

/** An error as a person reads it: the sentence, then what to do. */
export function describeError(error: unknown): string {
  return error instanceof BerthError
    ? `${errorMessage(error)}\nnext step: ${error.definition.next} (${error.code}, for the ${error.definition.owner})`
    : errorMessage(error);
}
