import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { cgroupLayout, listPids, readMounts, readStat } from "@berth/linux";
import { attachRequest, isReady, TestNode, wanted } from "../support/pluginhost/test-host.ts";

const ceiling = { timeout: 60_000, interval: 20 };
const world = { plugins: [wanted("sleeper", "cni-sleeper", { limits: { pids: 64 } })] };
/** A mount namespace in which control groups are v2 alone, whatever the machine has. */
const alone = [
  ...["unshare", "--mount", "sh", "-c"],
  'umount -R -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec "$0" "$@"',
];

let node: TestNode;
let groups: string;
let hosts: ChildProcess[];

beforeEach(() => {
  hosts = [];
  // A user of its own must be able to start helpers where they belong, and to reach the plugin's folders.
  node = new TestNode({ firstUid: 64_400 });
  for (const folder of [node.root, join(node.root, "data"), join(node.root, "run")]) chmodSync(folder, 0o711);
  const unified = cgroupLayout(readMounts())?.unified;
  if (unified === undefined) throw new Error("no cgroup2 hierarchy is mounted on this machine");
  groups = join(unified, "berth-test", node.name);
});

afterEach(() => {
  for (const host of hosts) host.kill("SIGKILL");
  if (existsSync(groups)) writeFileSync(join(groups, "cgroup.kill"), "1");
  node.remove();
});

const pidsIn = (group: string): number[] =>
  readFileSync(join(groups, "p/sleeper", group, "cgroup.procs"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map(Number);
const runs = (pid: number): boolean => !["Z", undefined].includes(readStat(pid)?.state);

it("where control groups are v2 alone, a plugin, its helpers and what outlives it are told apart, and a teardown leaves none", async () => {
  const host = await node.startProcess(world, "sleeper", isReady, alone);
  hosts.push(host.process);
  const { pid = 0, isolation } = host.view;
  expect(readFileSync(`/proc/${pid}/cgroup`, "utf8")).toContain(
    `0::/berth-test/${node.name}/p/sleeper/control\n`,
  );
  const measures = new Map(isolation.map((one) => [one.name, one]));
  expect(measures.get("process-groups")?.inForce).toBe(true);
  const bound = join(groups, "p/sleeper/control/pids.max");
  expect(measures.get("pids-limit")).toEqual(
    existsSync(bound)
      ? { name: "pids-limit", inForce: true, note: readFileSync(bound, "utf8").trim() }
      : {
          name: "pids-limit",
          inForce: false,
          note: "the control groups of this machine have no pids controller",
        },
  );

  host.order({ verb: "attach", request: attachRequest(`${process.pid}${Math.floor(performance.now())}`) });
  await vi.waitFor(() => expect(pidsIn("helpers")).toHaveLength(2), ceiling);
  const helpers = pidsIn("helpers");
  const shim = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  const shimEnded = once(shim, "exit");
  await once(shim, "spawn");
  writeFileSync(join(groups, "p/sleeper/control/cgroup.procs"), String(shim.pid));

  process.kill(pid, "SIGKILL");
  await vi.waitFor(() => expect(helpers.filter(runs)).toEqual([]), ceiling);
  await vi.waitFor(() => expect(pidsIn("workload")).toEqual([shim.pid]), ceiling);
  await vi.waitFor(() => expect(pidsIn("control").filter((one) => one !== pid)).toHaveLength(1), ceiling);
  expect(runs(shim.pid!)).toBe(true);

  await host.kill();
  const heir = await node.startProcess(world, "sleeper", isReady, alone);
  hosts.push(heir.process);
  expect(pidsIn("control")).toEqual([heir.view.pid]);
  const ended = once(heir.process, "exit");
  heir.order({ verb: "teardown" });
  expect(await ended).toEqual([0, null]);
  await shimEnded;
  expect(existsSync(groups)).toBe(false);
  expect(listPids().filter((one) => [pid, heir.view.pid, ...helpers].includes(one) && runs(one))).toEqual([]);
}, 120_000);
