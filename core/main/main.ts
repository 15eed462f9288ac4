import { createProgram, describeError } from "../cli/program.ts";
import { standardContext } from "../cli/standard-context.ts";
import { commands } from "./commands.ts";
import { connectFrom } from "./connect.ts";
import { version } from "./version.ts";

const context = standardContext(() => connectFrom(program.opts<{ kubeconfig?: string }>().kubeconfig));
const program = createProgram(version, commands, context);

try {
  await program.parseAsync();
} catch (error) {
  context.note(describeError(error));
  process.exit(1);
}
