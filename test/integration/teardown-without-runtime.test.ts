import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeItems, type Item, mentioning } from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";
import { pluginsWithNetwork } from "../support/built-core.ts";
import { claim, claimed, classes, pod } from "../support/objects-to-apply.ts";
import { UserCore } from "../support/user-core.ts";

const root = join(import.meta.dirname, "../..");
const nodeName = "deaf";
const bridge = "bbdeaf0";
const path = process.env["PATH"];
let core: UserCore;

beforeEach(async () => {
  core = await UserCore.prepare(nodeName);
}, 60_000);

afterEach(async () => {
  process.env["PATH"] = path;
  await core[Symbol.asyncDispose]();
}, 120_000);

/** Of this node alone: others use the machine too. */
const ours = (): Item[] => takeSnapshot().items.filter(mentioning(core.folder, bridge, `berth/${nodeName}`));

async function startPods(): Promise<void> {
  const volumes = (name: string) => ({ data: claimed(name), memory: { emptyDir: { medium: "Memory" } } });
  await core.apply(
    ...classes,
    ...["plain", "boxed"].map(claim),
    pod("plain", volumes("plain"), {}),
    pod("boxed", volumes("boxed"), { runtimeClassName: "gvisor" }),
  );
  for (const name of ["plain", "boxed"]) await core.shows(["1/1", "Running"], "get", "pod", name);
}

function containerdPid(): number {
  const [found, ...more] = takeSnapshot().items.filter(
    ({ category, text }) =>
      category === "processes" && text.includes(core.folder) && /containerd --config/.test(text),
  );
  if (!found || more.length > 0) throw new Error("not one containerd of this core");
  return Number.parseInt(found.id, 10);
}

/** A containerd that does not start any more once there is this file. */
function breakableContainerd(): string {
  const broken = join(core.folder, "broken");
  const program = join(core.folder, "containerd");
  const lines = ["#!/bin/sh", `[ -e ${broken} ] && exit 1`, `exec /usr/bin/containerd "$@"`, ""];
  writeFileSync(program, lines.join("\n"));
  chmodSync(program, 0o755);
  process.env["PATH"] = `${core.folder}:${path}`;
  return broken;
}

describe("a core whose containerd", () => {
  test.each(["hangs", "ends and does not start again"])(
    "%s is taken down all the same: nothing is left, and the log says what was done without it",
    async (how) => {
      const broken = breakableContainerd();
      const plugins = pluginsWithNetwork(core.folder, { name: nodeName, bridge, subnet: "10.123.28.0/24" });
      await core.start("--set", "standard", "--plugins", plugins, "--ephemeral");
      await core.shows(["InForce", "1/1"], "get", "pluginset", "standard");
      await core.berth("image", "import", join(root, "dist/hello.tar"), "--node", nodeName);
      await startPods();
      const pid = containerdPid();
      if (how === "hangs") process.kill(pid, "SIGSTOP");
      else {
        writeFileSync(broken, "");
        process.kill(pid, "SIGKILL");
      }
      const code = await core.stop();
      const log = readFileSync(core.logFile, "utf8");
      expect(describeItems(ours())).toBe("");
      expect(log).toContain("pods of the node: taken down without their runtime");
      expect(log).toContain("network and mounts are taken away");
      expect(code).toBe(0);
    },
    240_000,
  );
});
