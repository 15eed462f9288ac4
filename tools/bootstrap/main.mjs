// Runs on whatever Node the machine came with, before anything of ours is installed: plain JavaScript, no dependency.
import { installDebianPackages } from "./debian-packages.mjs";
import { installNodeModules } from "./node-modules.mjs";
import { prepareProducts } from "./products.mjs";
import { SetUpError } from "./set-up-error.mjs";
import { step } from "./step.mjs";

const steps = [
  ["npm dependencies", installNodeModules],
  ["Debian packages", installDebianPackages],
  ["generated code and bundles", prepareProducts],
];

try {
  if (process.platform !== "linux") {
    throw new SetUpError(`Berth runs on Linux, this is ${process.platform}.`, "Use a Debian 12 machine.");
  }
  for (const [name, run] of steps) await step(name, run);
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  console.error(`set-up failed: ${error.message}\nnext step: ${error.next}`);
  process.exit(1);
}
