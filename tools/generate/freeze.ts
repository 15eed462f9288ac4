import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ContractName, contracts, describeContract, shapeOf } from "../../proto/index.ts";

/**
 * Writes proto/frozen/<version>.json: the shape of every contract as released with that version, which later ones may add
 * to and never change. Run once a release: `node tools/generate/freeze.ts 0.1.0`.
 */
const version = process.argv[2];
if (!version || !/^\d+\.\d+\.\d+$/u.test(version))
  throw new Error("usage: node tools/generate/freeze.ts <x.y.z>");
const shapes = Object.fromEntries(
  Object.keys(contracts).map((name) => [name, shapeOf(describeContract(name as ContractName))]),
);
const file = join(import.meta.dirname, "../../proto/frozen", `${version}.json`);
writeFileSync(file, `${JSON.stringify(shapes)}\n`, { flag: "wx" });
