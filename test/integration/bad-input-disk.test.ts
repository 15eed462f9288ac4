import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mountTmpfs } from "@berth/linux";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/cri-node.ts";
import { UserCore } from "../support/user-core.ts";

const block = Buffer.alloc(1024 ** 2, 0x5a);

let core: UserCore;

beforeAll(async () => {
  core = await UserCore.prepare("baddisk");
  mkdirSync(core.dataDirectory);
  mountTmpfs(core.dataDirectory, { sizeBytes: 96 * 1024 ** 2, mode: 0o700 });
  await core.start();
});

afterAll(() => core[Symbol.asyncDispose]());

const create = (name: string) =>
  core.kubectl("create", "configmap", name, `--from-literal=text=${"x".repeat(100_000)}`);

const names = async (): Promise<string[]> => {
  const { text } = await core.kubectl("get", "configmaps", "-o", "name");
  return text.split("\n").filter((name) => name.includes("/kept"));
};

/** Takes every byte that is left, in files that are no part of a core. */
function fill(): () => void {
  const files: string[] = [];
  let size = statfsSync(core.dataDirectory).bavail * statfsSync(core.dataDirectory).bsize;
  while (size > 0) {
    const file = join(core.dataDirectory, `filler-${files.length}`);
    files.push(file);
    try {
      for (;;) writeFileSync(file, block, { flag: "a" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
    size = statfsSync(core.dataDirectory).bavail * statfsSync(core.dataDirectory).bsize;
  }
  return () => files.forEach((file) => rmSync(file));
}

test("a disk that fills up refuses writes by its name, keeps what it acknowledged, and writes again once there is room", async () => {
  const acknowledged: string[] = [];
  const add = async (name: string): Promise<string> => {
    const { code, text } = await create(name);
    if (code === 0) acknowledged.push(`configmap/${name}`);
    return text;
  };
  await add("kept-before");
  const free = fill();
  let refusal = "";
  // What the store had allocated already takes a few more.
  for (let number = 0; number < 60 && !refusal.includes("full"); number++)
    refusal = await add(`kept-while-${number}`);
  expect(refusal).toContain("BERTH_DATABASE_FULL");
  expect(refusal).toContain("Free space on the file system of the data directory");
  expect(await names()).toEqual(acknowledged.toSorted());

  free();
  await add("kept-after");
  expect(acknowledged).toContain("configmap/kept-after");
  expect(await core.stop()).toBe(0);
  await core.start();
  expect(await names()).toEqual(acknowledged.toSorted());
});

test("a core is not started on a disk that is full, and starts with everything once there is room", async () => {
  const before = await names();
  await core.stop();
  const free = fill();
  const files = readdirSync(core.dataDirectory);
  const { code, text } = await core.refusedStart();
  expect(code).toBe(1);
  expect(text).toContain(`0 MiB free in ${core.dataDirectory}; 64 MiB are wanted`);
  expect(text).toContain("next step: free some space there");
  expect(readdirSync(core.dataDirectory)).toEqual(files);
  free();
  await core.start();
  expect(await names()).toEqual(before);
});

test("a core that finds no room while it starts says so, and goes on by itself once there is some", async () => {
  const before = await names();
  process.kill(core.pid!, "SIGKILL");
  await core.stop();
  rmSync(core.kubeconfig);
  const { files, ffree } = statfsSync(core.dataDirectory);
  // Bytes are left, so that the start is tried; what it needs first is a file.
  await limitFiles(files - ffree);
  const said = readFileSync(core.logFile, "utf8").length;
  const started = core.start();
  await eventually(
    () => readFileSync(core.logFile, "utf8").slice(said),
    (text) => text.includes("BERTH_MAIN_DISK_FULL"),
    60_000,
  );
  await limitFiles(files);
  await started;
  expect(await names()).toEqual(before);
});

/** How many files the data directory may hold. */
async function limitFiles(count: number): Promise<void> {
  await execa("mount", ["-o", `remount,nr_inodes=${count}`, core.dataDirectory]);
}
