import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { DesiredPlugin } from "../../core/pluginhost/contracts/plugin-host.ts";
import { readManifestOf } from "../../core/pluginhost/package/read-manifest.ts";
import { wantedGrants } from "../../core/pluginhost/supervise/grants.ts";
import { isReady, seen, type TestHost, TestNode } from "../support/pluginhost/test-host.ts";

const plugins = join(import.meta.dirname, "..", "..", "plugins");
const configs: Record<string, Record<string, unknown>> = {
  "cni-bridge": { bridge: "brhostone", ranges: [{ subnet: "10.95.0.0/16" }] },
  "cni-exec": { network: { cniVersion: "1.0.0", name: "none", plugins: [{ type: "loopback" }] } },
  "device-gpu": { backend: "simulated" },
};

let node: TestNode;
let host: TestHost;

beforeEach(() => {
  node = new TestNode();
  host = node.start();
});

afterEach(async () => {
  await host.end("teardown");
  node.remove();
});

async function shipped(name: string): Promise<DesiredPlugin> {
  const path = join(plugins, name);
  const manifest = await readManifestOf(path);
  const grants = wantedGrants(manifest);
  const config = configs[name] ?? {};
  return {
    name,
    generation: 1,
    spec: { contract: manifest.contract, source: { path }, dev: true, grants, config },
  };
}

/** Of every process on the machine: its number, its parent, its control groups. */
function processes(): { pid: number; parent: number; cgroup: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const read = (file: string): string => readFileSync(`/proc/${name}/${file}`, "utf8");
      try {
        const parent = Number(/^\d+ \(.*\) \S+ (\d+)/s.exec(read("stat"))![1]);
        return [{ pid: Number(name), parent, cgroup: read("cgroup") }];
      } catch (error) {
        if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
        throw error;
      }
    });
}

it("each shipped plugin is one process: no sidecar registers, watches or elects for it", async () => {
  const names = readdirSync(plugins, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const wanted = await Promise.all(names.map(({ name }) => shipped(name)));
  host.setDesired({ plugins: wanted, networkChain: ["cni-bridge"] });
  expect(names).toHaveLength(6);
  for (const { name } of names) {
    const { pid } = await seen(host, name, isReady, 60_000);
    const own = processes().filter(
      (one) => one.parent === pid || one.cgroup.includes(`/${node.name}/p/${name}/`),
    );
    expect(
      own.map((one) => one.pid),
      name,
    ).toEqual([pid]);
  }
});
