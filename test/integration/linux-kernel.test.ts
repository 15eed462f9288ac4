import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "@berth/base";
import {
  bindMount,
  createNetworkNamespace,
  deleteNetworkNamespace,
  detectCgroups,
  detectFeatures,
  inNetworkNamespace,
  isMountPoint,
  isNetworkNamespace,
  isSameProcessAlive,
  listMountsUnder,
  listPinnedNetworkNamespaces,
  makeNode,
  mountTmpfs,
  networkNamespaceId,
  openProcess,
  PollingProcessWatcher,
  readDeviceNumber,
  readLockHolder,
  readPeerCredentials,
  tryLockFile,
  unmount,
  unmountUnder,
  withParentDeathSignal,
} from "@berth/linux";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "linux-kernel-"));
});

afterEach(() => {
  unmountUnder(folder);
  rmSync(folder, { recursive: true, force: true });
});

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

test("a read-only bind mount shows the source and refuses writing", () => {
  const [source, target] = ["source", "target with space"].map((name) => join(folder, name)) as [
    string,
    string,
  ];
  mkdirSync(source);
  mkdirSync(target);
  writeFileSync(join(source, "file"), "text");
  bindMount(source, target, { readOnly: true });
  expect(readFileSync(join(target, "file"), "utf8")).toBe("text");
  expect(() => writeFileSync(join(target, "file"), "other")).toThrow("EROFS");
  expect(isMountPoint(target)).toBe(true);
  expect(unmount(target)).toBe(true);
  expect(unmount(target)).toBe(false);
});

test("a failed mount says what, where and why", () => {
  expect(() => bindMount(join(folder, "nothing"), folder)).toThrow(
    `mount ${join(folder, "nothing")} on ${folder}: ENOENT (no such file or directory)`,
  );
});

test("everything under a folder is unmounted, stacked and busy mounts included", () => {
  mountTmpfs(folder, { sizeBytes: 1 << 20 });
  const inner = join(folder, "inner");
  mkdirSync(inner);
  mountTmpfs(inner);
  mountTmpfs(inner);
  const held = openSync(join(inner, "busy"), "w");
  expect(unmountUnder(folder)).toHaveLength(3);
  expect(listMountsUnder(folder)).toEqual([]);
  closeSync(held);
});

test("a network namespace lives by its file, and the thread is back home after a visit that fails", () => {
  const path = join(folder, "ns", "a");
  const home = networkNamespaceId();
  const before = descriptors();
  createNetworkNamespace(path);
  expect(isNetworkNamespace(path)).toBe(true);
  expect(inNetworkNamespace(path, () => networkNamespaceId())).toBe(networkNamespaceId(path));
  expect(() =>
    inNetworkNamespace(path, () => {
      throw new Error("inside");
    }),
  ).toThrow("inside");
  expect(networkNamespaceId()).toBe(home);
  expect(listPinnedNetworkNamespaces().map(({ path }) => path)).toContain(path);
  expect(() => createNetworkNamespace(path)).toThrow("EEXIST");
  expect(deleteNetworkNamespace(path)).toBe(true);
  expect(deleteNetworkNamespace(path)).toBe(false);
  expect(existsSync(path)).toBe(false);
  expect(descriptors()).toBe(before);
});

test("a plain file left by a reboot is not taken for a namespace", () => {
  const path = join(folder, "stale");
  writeFileSync(path, "");
  expect(isNetworkNamespace(path)).toBe(false);
  expect(isNetworkNamespace(join(folder, "absent"))).toBe(false);
  expect(isNetworkNamespace("/proc/self/ns/net")).toBe(true);
});

test("the end of a process is noticed with its exit code, and its number is never signalled again", async () => {
  const before = descriptors();
  const child = spawn("sh", ["-c", "read line; exit 7"], { stdio: ["pipe", "ignore", "ignore"] });
  await once(child, "spawn");
  const handle = openProcess(child.pid ?? 0);
  if (!handle) throw new Error("the child is gone already");
  const watcher = new PollingProcessWatcher(systemClock, { intervalMs: 5 });
  expect(handle.hasEnded).toBe(false);
  const exited = once(child, "exit");
  child.stdin.end("go\n");
  await watcher.waitForEnd(handle);
  await exited;
  expect(isSameProcessAlive(handle.identity)).toBe(false);
  expect(handle.signal("SIGKILL")).toBe(false);
  expect(openProcess(handle.identity)).toBeUndefined();
  const tells = detectFeatures().find(({ name }) => name === "pidfd exit status")?.isPresent ?? false;
  expect(handle.readEnd()).toEqual(tells ? { exitCode: 7 } : undefined);
  handle.close();
  expect(descriptors()).toBe(before);
});

test("an identity with another start time is another process", async () => {
  const child = spawn("sleep", ["600"]);
  await once(child, "spawn");
  const handle = openProcess(child.pid ?? 0);
  expect(
    openProcess({ pid: child.pid ?? 0, startTicks: "1", bootId: handle?.identity.bootId ?? "" }),
  ).toBeUndefined();
  expect(handle?.signal("SIGKILL")).toBe(true);
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  handle?.close();
});

test("a process with a parent-death signal ends with its parent", async () => {
  const { command, args } = withParentDeathSignal("sleep", ["600"]);
  const script = `const { spawn } = require("node:child_process");
    const child = spawn(${JSON.stringify(command)}, ${JSON.stringify(args)});
    child.on("spawn", () => console.log(child.pid)); process.stdin.resume();`;
  const parent = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  // The wrapper asks for the signal before it becomes the program: only then is the parent killed.
  const isSleeping = (): boolean => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "sleep";
  while (!isSleeping()) await systemClock.sleep(2);
  const handle = openProcess(pid);
  parent.kill("SIGKILL");
  const watcher = new PollingProcessWatcher(systemClock, { intervalMs: 5 });
  if (handle) await watcher.waitForEnd(handle, AbortSignal.timeout(60_000));
  expect(handle?.hasEnded).toBe(true);
  handle?.close();
});

test("a lock has one holder at a time and says who it is", () => {
  const path = join(folder, "lock");
  const lock = tryLockFile(path);
  expect(tryLockFile(path)).toBeUndefined();
  expect(readLockHolder(path)).toBe(process.pid);
  lock?.release();
  const again = tryLockFile(path);
  expect(again).toBeDefined();
  again?.release();
});

test("a lock goes back when its holder is killed", async () => {
  const path = join(folder, "lock");
  // Without a fork the holder is one process: when it has ended nobody else has the descriptor for a moment longer.
  const holder = spawn("flock", ["--no-fork", path, "sh", "-c", "echo held; exec sleep 600"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(holder.stdout, "data");
  expect(tryLockFile(path)).toBeUndefined();
  holder.kill("SIGKILL");
  await once(holder, "exit");
  const lock = tryLockFile(path);
  expect(lock).toBeDefined();
  lock?.release();
});

test("a Unix socket tells who is at the other end", async () => {
  const path = join(folder, "s");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = connect(path);
  const [socket] = (await once(server, "connection")) as [Socket];
  expect(readPeerCredentials(socket)).toMatchObject({ pid: process.pid, uid: process.getuid?.() });
  client.destroy();
  await once(socket.resume(), "close");
  expect(readPeerCredentials(socket)).toBeUndefined();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test("a device node carries its number", () => {
  const path = join(folder, "null");
  makeNode(path, "character", 0o666, { major: 1, minor: 3 });
  expect(readDeviceNumber(path)).toEqual({ major: 1, minor: 3, type: "character" });
  expect(() => makeNode(path, "character", 0o666, { major: 1, minor: 3 })).toThrow(
    `make character node ${path}: EEXIST`,
  );
  expect(readDeviceNumber(join(folder, "absent"))).toBeUndefined();
});

test("a control group limits, lists, kills all it holds, and goes without a trace", async () => {
  const hierarchy = detectCgroups();
  if (!hierarchy) throw new Error("this machine has no cgroups");
  const top = hierarchy.group(`linux-kernel-test-${process.pid}`);
  const group = top.child("inner");
  group.create({ memoryBytes: 64 << 20, cpus: 0.5, pids: 16 });
  try {
    const child = spawn("sh", ["-c", "read go; sleep 600 & sleep 600 & echo ready; wait"], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    await once(child, "spawn");
    group.addProcess(child.pid ?? 0);
    child.stdin.end("go\n");
    await once(child.stdout, "data");
    expect(group.listPids()).toHaveLength(3);
    expect(top.listPids()).toEqual([]);
    expect(top.listPids({ recursive: true })).toHaveLength(3);
    expect(group.readUsage().memoryBytes).toBeGreaterThan(0);
    const exited = once(child, "exit");
    top.killAll();
    await exited;
  } finally {
    while (top.listPids({ recursive: true }).length > 0) await systemClock.sleep(5);
    expect(top.remove()).toBe(true);
  }
  expect(top.exists).toBe(false);
  expect(group.listPids()).toEqual([]);
  expect(top.remove()).toBe(false);
});

test("a process that eats more memory than its group may have is counted as killed for it", async () => {
  const hierarchy = detectCgroups();
  const group = hierarchy?.group(`linux-kernel-oom-${process.pid}`);
  if (!group) throw new Error("this machine has no cgroups");
  group.create({ memoryBytes: 8 << 20 });
  try {
    const child = spawn("sh", ["-c", "read go; exec tail /dev/zero"], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    await once(child, "spawn");
    group.addProcess(child.pid ?? 0);
    const exited = once(child, "exit");
    child.stdin.end("go\n");
    expect(await exited).toEqual([null, "SIGKILL"]);
    expect(group.readOomKills()).toBe(1);
  } finally {
    group.remove();
  }
});
