import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compareSnapshots, type Item, mentioning } from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";

let folder = "";
let undo: (() => void | Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "leak-count-"));
});

afterEach(async () => {
  for (const step of undo.toReversed()) await step();
  undo = [];
  rmSync(folder, { recursive: true, force: true });
});

function run(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}

/** Things that appeared under a name of this test's own while `make` ran. */
async function newAfter(make: () => void | Promise<void>, ...words: string[]): Promise<readonly Item[]> {
  const before = takeSnapshot();
  await make();
  return compareSnapshots(before, takeSnapshot(), mentioning(folder, ...words)).added;
}

const mark = `lkc${process.pid}`;

test("a process is counted as long as it lives", async () => {
  const child = spawn("sleep", ["600"], { cwd: folder, stdio: "ignore" });
  const before = takeSnapshot();
  expect(before.items.some(({ category, text }) => category === "processes" && text.includes(folder))).toBe(
    true,
  );
  child.kill("SIGKILL");
  await once(child, "exit");
  const { removed } = compareSnapshots(before, takeSnapshot(), mentioning(folder));
  expect(removed.map(({ category }) => category)).toEqual(["processes"]);
});

test("a mount and a network namespace pinned by one are counted", async () => {
  const added = await newAfter(() => {
    run("mount", "-t", "tmpfs", "none", folder);
    undo.push(() => run("umount", folder));
    run("ip", "netns", "add", mark);
    undo.push(() => run("ip", "netns", "delete", mark));
  }, mark);
  expect(new Set(added.map(({ category }) => category))).toEqual(new Set(["mounts", "network namespaces"]));
});

test("a link with address and route is counted, each by itself", async () => {
  const added = await newAfter(() => {
    run("ip", "link", "add", mark, "type", "bridge");
    undo.push(() => run("ip", "link", "delete", mark));
    run("ip", "address", "add", "198.18.7.1/24", "dev", mark);
    run("ip", "link", "set", mark, "up");
    run("ip", "route", "add", "198.18.9.0/24", "via", "198.18.7.2", "dev", mark);
  }, mark);
  const texts = added.map(({ category, text }) => `${category}: ${text}`);
  expect(texts).toContain(`links: ${mark}`);
  expect(texts).toContain(`addresses: 198.18.7.1/24 on ${mark}`);
  expect(texts).toContain(`routes: 198.18.9.0/24 dev ${mark} via 198.18.7.2`);
});

test("a firewall table, its map and an element of it are counted", async () => {
  const added = await newAfter(() => {
    run("nft", `add table inet ${mark}; add map inet ${mark} m { type inet_service : ipv4_addr; }`);
    undo.push(() => run("nft", `delete table inet ${mark}`));
    run("nft", `add element inet ${mark} m { 80 : 198.18.7.9 }`);
  }, mark);
  const kinds = new Set(added.map(({ text }) => text.split(" ")[0]));
  expect(kinds).toEqual(new Set(["table", "map", "element"]));
});

test("a Unix socket is counted while somebody listens on it", async () => {
  const server = createServer();
  undo.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const added = await newAfter(
    () => new Promise<void>((resolve) => server.listen(join(folder, "s.sock"), resolve)),
  );
  expect(added.map(({ category }) => category)).toEqual(["sockets"]);
});

test("a control group is counted in every hierarchy", async () => {
  const root = readdirSync("/sys/fs/cgroup").includes("pids") ? "/sys/fs/cgroup/pids" : "/sys/fs/cgroup";
  const added = await newAfter(() => {
    mkdirSync(join(root, mark));
    undo.push(() => rmdirSync(join(root, mark)));
  }, mark);
  expect(added).toEqual([{ category: "cgroups", id: join(root, mark), text: join(root, mark) }]);
});
