import { createToken, type Token } from "@berth/base";
import type { Command } from "commander";
import type { ApiClient } from "../client/contracts.ts";

/** A `berth` command that a room contributes; core/main registers all of them. */
export interface CliCommand {
  /** Adds the command, its options and its `--help` example to the program. */
  register(program: Command, context: CliContext): void;
}

/** What a command may touch: two streams, the API, and the way to end. */
export interface CliContext {
  /** For what was asked: a table, or JSON with `-o json`. */
  print(text: string): void;
  /** The same for text that has line ends of its own. */
  write(text: string): void;
  /** For progress and remarks. */
  note(text: string): void;
  /** Standard output is a terminal: colour and redrawing are allowed. */
  readonly isTerminal: boolean;
  /** Columns of the terminal. Without one there is no end to a line: a program reads it. */
  readonly width: number;
  /** Connects as the user of `--kubeconfig`, KUBECONFIG or the data directory's own. */
  connect(): Promise<ApiClient>;
  /** Aborts with the first Ctrl-C or TERM; the command then tidies up and ends by itself. A second one ends it at once. */
  interruption(): AbortController;
  /** The exit status, documented per command; 0 unless set. */
  fail(exitCode: number): void;
}

export const cliCommandToken: Token<CliCommand> = createToken("cli.command");
