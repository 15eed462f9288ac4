import { join } from "node:path";
import { buildPlugin } from "../../../tools/build/plugins.ts";
import { standIns } from "../../support/pluginhost/test-host.ts";

/** Builds a stand-in as the plugins are shipped, SDK and gRPC in one package, and answers its folder. */
export async function buildStandIn(name: string, below: string): Promise<string> {
  const folder = join(below, name);
  await buildPlugin(join(standIns, name), folder);
  return folder;
}
