import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../../../tools/build/bundle.ts";
import { standIns } from "../../support/pluginhost/test-host.ts";

/** Builds a stand-in as the plugins are shipped, SDK and gRPC in one bundle, and answers its folder. */
export async function buildStandIn(name: string, below: string): Promise<string> {
  const source = join(standIns, name);
  const folder = join(below, name);
  mkdirSync(folder, { recursive: true });
  await bundle({ entries: { main: join(source, "main.ts") }, folder });
  const manifest = JSON.parse(readFileSync(join(source, "plugin.json"), "utf8")) as { entry: string[] };
  const entry = manifest.entry.map((word) => (word === "main.ts" ? "main.js" : word));
  writeFileSync(join(folder, "plugin.json"), JSON.stringify({ ...manifest, entry }));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return folder;
}
