import { createProgram, describeError } from "../cli/program.ts";
import { standardContext } from "../cli/standard-context.ts";
import { bootTreeCommand } from "./boot-tree/boot-tree-command.ts";
import { connectFrom } from "./connect.ts";
import { certsCommand } from "./certs/certs-command.ts";
import { doctorCommand } from "./doctor/doctor-command.ts";
import { imageCommand } from "./images/image-command.ts";
import { nodeCommand } from "./nodes/node-command.ts";
import { pluginCommand } from "./plugins/plugin-command.ts";
import { setCommand } from "./sets/set-command.ts";
import { storeCommand } from "./store/store-command.ts";
import { startCommand } from "./serve/start-command.ts";
import { upCommand } from "./up/up-command.ts";
import { version } from "./version.ts";

const context = standardContext(() => connectFrom(program.opts<{ kubeconfig?: string }>().kubeconfig));
const program = createProgram(
  version,
  [
    upCommand,
    startCommand,
    imageCommand,
    nodeCommand,
    pluginCommand,
    setCommand,
    storeCommand,
    bootTreeCommand,
    certsCommand,
    doctorCommand,
  ],
  context,
);

try {
  await program.parseAsync();
} catch (error) {
  context.note(describeError(error));
  process.exit(1);
}
