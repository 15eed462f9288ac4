import type { CliContext } from "./command.ts";

/** The context of a real process: its own streams, its own exit status. */
export function standardContext(connect: CliContext["connect"]): CliContext {
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    write: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(`${text}\n`),
    isTerminal: process.stdout.isTTY,
    width: process.stdout.columns || Number.POSITIVE_INFINITY,
    connect,
    interruption() {
      const controller = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const)
        process.once(signal, () => controller.abort(new Error(`received ${signal}`)));
      return controller;
    },
    fail(exitCode) {
      process.exitCode = exitCode;
    },
  };
}
