import type { CliCommand } from "../cli/command.ts";
import { bootTreeCommand } from "./boot-tree/boot-tree-command.ts";
import { certsCommand } from "./certs/certs-command.ts";
import { doctorCommand } from "./doctor/doctor-command.ts";
import { imageCommand } from "./images/image-command.ts";
import { nodeCommand } from "./nodes/node-command.ts";
import { pluginCommand } from "./plugins/plugin-command.ts";
import { setCommand } from "./sets/set-command.ts";
import { storeCommand } from "./store/store-command.ts";
import { startCommand } from "./serve/start-command.ts";
import { upCommand } from "./up/up-command.ts";

/** What `berth` can do, in the order of its help. */
export const commands: readonly CliCommand[] = [
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
];
