import type { Check } from "./check.ts";
import { coreDeathCheck } from "./core-death-check.ts";
import { deviceCheck } from "./device-check.ts";
import { kubectlCheck } from "./kubectl-check.ts";
import { networkCheck } from "./network-check.ts";
import { pluginDeathCheck } from "./plugin-death-check.ts";
import { runtimeCheck } from "./runtime-check.ts";
import { sandboxCheck } from "./sandbox-check.ts";
import { storageCheck } from "./storage-check.ts";

/** The main job, in the order in which it is proven. */
export const checks: readonly Check[] = [
  runtimeCheck,
  networkCheck,
  storageCheck,
  deviceCheck,
  sandboxCheck,
  kubectlCheck,
  pluginDeathCheck,
  coreDeathCheck,
];
