export { type CliCommand, cliCommandToken, type CliContext } from "./command.ts";
export { createProgram, describeError } from "./program.ts";
export { renderTable } from "./render-table.ts";
