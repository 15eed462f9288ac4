import type { CliContext } from "./command.ts";

/** The context of a real process: its own streams, its own exit status. */
export function standardContext(connect: CliContext["connect"]): CliContext {
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    isTerminal: process.stdout.isTTY,
    width: process.stdout.columns || 120,
    connect,
    fail(exitCode) {
      process.exitCode = exitCode;
    },
  };
}
