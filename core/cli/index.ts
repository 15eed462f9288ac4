export { type CliCommand, cliCommandToken, type CliContext } from "./command.ts";
export { createProgram, describeError } from "./program.ts";
export { outputOption } from "./output-option.ts";
export { renderTable } from "./render-table.ts";
