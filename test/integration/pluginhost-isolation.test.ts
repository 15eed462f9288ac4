import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { PluginView } from "../../core/pluginhost/contracts/plugin-host.ts";
import { isReady, seen, standIns, type TestHost, TestNode, wanted } from "../support/pluginhost/test-host.ts";

const firstUid = 64_200;
const limits = { memory: "512Mi", cpu: "0.5", pids: 64 };

let node: TestNode;
let host: TestHost;

beforeEach(() => {
  node = new TestNode({ firstUid });
  // Its own user must reach the plugin's folders.
  for (const folder of [node.root, join(node.root, "data"), join(node.root, "run")]) chmodSync(folder, 0o711);
  host = node.start();
});

afterEach(async () => {
  await host.end("teardown");
  node.remove();
});

/** What the kernel says of a process, by the names of status.isolation; a limit as its file says it. */
function judgedByKernel(pid: number, cgroup: string, asked: bigint): Record<string, boolean | string> {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string): string => new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(status)![1]!.trim();
  const differs = (kind: string): boolean =>
    readlinkSync(`/proc/${pid}/ns/${kind}`) !== readlinkSync(`/proc/self/ns/${kind}`);
  const session = /^\d+ \(.*\) \S+ \d+ \d+ (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))![1];
  const environ = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  const names = environ.map((entry) => entry.slice(0, entry.indexOf("=")));
  const paths = readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n");
  const groups = paths.map((line) => line.split(":") as [string, string, string]);
  const group = (controller: string): string | undefined =>
    groups.find(([, names]) => names.split(",").includes(controller))?.[2];
  const isV2 = existsSync("/sys/fs/cgroup/cgroup.controllers");
  const used = isV2 ? [""] : ["memory", "cpu", "pids", "freezer", "cpuset"];
  const value = (controller: string, file: string): string => {
    const folder = isV2 ? group("") : `${controller}${group(controller)}`;
    return readFileSync(join("/sys/fs/cgroup", folder!, file), "utf8").trim();
  };
  return {
    "own-session": Number(session) === pid,
    "minimal-environment": names.every((name) => /^(BERTH_.*|PATH|LANG|TZ|PWD|OLDPWD|SHLVL|_)$/.test(name)),
    "process-groups": used.every((controller) => group(controller)?.endsWith(`${cgroup}/control`)),
    "memory-limit": value("memory", isV2 ? "memory.max" : "memory.limit_in_bytes"),
    "cpu-limit": isV2 ? value("cpu", "cpu.max").split(" ")[0]! : value("cpu", "cpu.cfs_quota_us"),
    "pids-limit": value("pids", "pids.max"),
    "own-user": field("Uid").split(/\s+/).join(" "),
    "no-other-groups": field("Groups") === "",
    "only-asked-capabilities": (BigInt(`0x${field("CapBnd")}`) & ~asked) === 0n,
    "no-capabilities": ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].every(
      (name) => BigInt(`0x${field(name)}`) === 0n,
    ),
    "no-new-privileges": field("NoNewPrivs") === "1",
    "own-mounts": differs("mnt"),
    "own-ipc": differs("ipc"),
    "own-host-name": differs("uts"),
    "own-network": differs("net"),
    "own-process-numbers": differs("pid"),
  };
}

/** Every entry of the status against the kernel; what the kernel tells is left for more to be said about it. */
function compare(view: PluginView, plugin: string, asked = 0n): Record<string, boolean | string> {
  const truth = judgedByKernel(view.pid!, `${node.options.cgroup}/p/${plugin}`, asked);
  const shown = Object.fromEntries(view.isolation.map(({ name, inForce }) => [name, inForce]));
  const { "verified-package": _, ...kernel } = shown;
  const uids = truth["own-user"] as string;
  const isBound = (text: string): boolean => /^\d+$/.test(text) && BigInt(text) < 2n ** 62n;
  const expected = Object.entries(truth).map(([name, fact]) => {
    if (name === "own-user")
      return [name, uids.split(" ").every((uid) => uid !== "0" && uid === uids.split(" ")[0])];
    return [name, typeof fact === "string" ? isBound(fact) : fact];
  });
  expect(kernel).toEqual(Object.fromEntries(expected));
  expect(view.isolation.filter(({ inForce, note }) => !inForce && !note)).toEqual([]);
  return truth;
}

const noteOf = (view: PluginView, name: string) => view.isolation.find((one) => one.name === name)?.note;

it("a plugin without privileges has all the kernel gives, and its status says what that is", async () => {
  host.setDesired({ plugins: [wanted("plain", "cni-notes", { limits })] });
  const view = await seen(host, "plain", isReady);
  const truth = compare(view, "plain");
  expect(truth).toMatchObject({
    "own-session": true,
    "minimal-environment": true,
    "process-groups": true,
    "own-user": Array(4).fill(firstUid).join(" "),
    "no-other-groups": true,
    "no-capabilities": true,
    "no-new-privileges": true,
    "memory-limit": String(512 * 1024 * 1024),
    "cpu-limit": "50000",
    "pids-limit": "64",
    "own-ipc": true,
    "own-host-name": true,
  });
  expect(noteOf(view, "memory-limit")).toBe(truth["memory-limit"]);
  expect(noteOf(view, "cpu-limit")).toBe("0.5");
  expect(noteOf(view, "pids-limit")).toBe("64");
  expect(noteOf(view, "own-user")).toBe(String(firstUid));
});

it("a plugin with privileges has less, and its status hides nothing of that", async () => {
  const folder = join(node.root, "package");
  const manifest = JSON.parse(readFileSync(join(standIns, "cni-notes", "plugin.json"), "utf8"));
  mkdirSync(folder);
  writeFileSync(
    join(folder, "plugin.json"),
    JSON.stringify({
      ...manifest,
      entry: ["${node}", join(standIns, "cni-notes", "main.ts")],
      privileges: { capabilities: ["CAP_NET_ADMIN"] },
    }),
  );
  host.setDesired({
    plugins: [wanted("strong", folder, { grants: ["events", "CAP_NET_ADMIN"], limits: { pids: 64 } })],
  });
  const view = await seen(host, "strong", isReady);
  const netAdmin = 1n << 12n;
  const truth = compare(view, "strong", netAdmin);
  for (const set of ["CapEff", "CapPrm", "CapBnd"]) {
    const status = readFileSync(`/proc/${view.pid}/status`, "utf8");
    expect(BigInt(`0x${new RegExp(`^${set}:\\s*(\\S+)`, "m").exec(status)![1]}`), set).toBe(netAdmin);
  }
  expect(noteOf(view, "only-asked-capabilities")).toBe("CAP_NET_ADMIN");
  expect(truth).toMatchObject({
    "only-asked-capabilities": true,
    "own-session": true,
    "minimal-environment": true,
    "own-ipc": false,
    "pids-limit": "64",
  });
  expect(noteOf(view, "own-user")).toBe("the manifest asks for privileges");
  expect(noteOf(view, "memory-limit")).toBe("neither manifest nor spec.limits names one");
});

it("a limit that is taken back is in force no longer", async () => {
  host.setDesired({ plugins: [wanted("plain", "cni-notes", { limits })] });
  const first = await seen(host, "plain", isReady);
  host.setDesired({ plugins: [wanted("plain", "cni-notes", {}, 2)] });
  const second = await seen(host, "plain", (view) => isReady(view) && view.pid !== first.pid);
  compare(second, "plain");
  expect(noteOf(second, "memory-limit")).toBe("neither manifest nor spec.limits names one");
});
