import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type PluginProcess, startPluginProcess } from "../../support/plugin-process.ts";
import type { GoProgram } from "./go-program.ts";
import { emptyTally, type Tally } from "./tally.ts";

const run = promisify(execFile);

export const cnitool: GoProgram = {
  name: "cnitool",
  module: "github.com/containernetworking/cni",
  version: "v1.2.3",
  package: "./cnitool",
};

const bridge = "bintgo0";

export function startNetwork(root: string, folder: string): Promise<PluginProcess> {
  const config = { bridge, ranges: [{ subnet: "10.187.64.0/24" }] };
  return startPluginProcess(join(root, "plugins/cni-bridge"), folder, {}, config);
}

export async function endNetwork(network: PluginProcess): Promise<void> {
  await network.kill("SIGTERM");
  await run("ip", ["link", "delete", bridge]).catch(() => undefined);
  await run("nft", ["delete", "table", "inet", `berth_${bridge}`]).catch(() => undefined);
}

/** The reference library's own tool calls berth-cni with a configuration list. */
export async function runCniSuite(program: string, root: string, folder: string): Promise<Tally> {
  const tally = emptyTally();
  const network = await startNetwork(root, folder);
  const namespace = `bintgo-${process.pid}`;
  const netns = `/run/netns/${namespace}`;
  await run("ip", ["netns", "add", namespace]);
  try {
    for (const cniVersion of ["0.4.0", "1.0.0", "1.1.0"]) {
      const env = layConfiguration(root, folder, cniVersion, network.endpoint);
      const verbs = ["status", "add", "check", "gc", "del"].filter(
        (verb) => cniVersion === "1.1.0" || (verb !== "status" && verb !== "gc"),
      );
      for (const verb of verbs) {
        const name = `${verb} with CNI ${cniVersion}`;
        try {
          await run(program, [verb, "net", netns], { env: { ...process.env, ...env } });
          tally.passed++;
        } catch (error) {
          tally.failed.push({ name, why: (error as Error).message });
        }
      }
    }
  } finally {
    await run("ip", ["netns", "delete", namespace]);
    await endNetwork(network);
  }
  return tally;
}

function layConfiguration(root: string, folder: string, cniVersion: string, endpoint: string) {
  const CNI_PATH = join(folder, "bin");
  const NETCONFPATH = join(folder, `net-${cniVersion}`);
  mkdirSync(CNI_PATH, { recursive: true });
  mkdirSync(NETCONFPATH);
  const executable = join(CNI_PATH, "berth-cni");
  writeFileSync(executable, `#!/bin/sh\nexec '${process.execPath}' '${root}/dist/cni/berth-cni.js'\n`);
  chmodSync(executable, 0o755);
  const list = { cniVersion, name: "net", plugins: [{ type: "berth-cni", endpoint }] };
  writeFileSync(join(NETCONFPATH, "net.conflist"), JSON.stringify(list));
  return { CNI_PATH, NETCONFPATH };
}
