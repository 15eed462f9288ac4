import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bindMount, mountTmpfs, unmount } from "@berth/linux";
import { compareSnapshots, mentioning } from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";
import { type Said, UserCore } from "../support/user-core.ts";

let core: UserCore;

beforeAll(async () => {
  core = await UserCore.prepare("badstart");
  await core.start();
  await core.kubectl("create", "configmap", "kept", "--from-literal=word=remembered");
});

afterAll(() => core[Symbol.asyncDispose]());

const keptWord = async (): Promise<string> =>
  (await core.kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.word}")).text;

/** Every file below the data directory with what is in it, but the lock: it holds a number of the last process. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (one) => one.isFile() && one.name !== "core.lock",
  );
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path, createHash("sha256").update(readFileSync(path)).digest("hex")];
    }),
  );
}

/** Runs a start that must fail, and asserts that it leaves nothing. */
async function refused(change: Record<string, string> = {}): Promise<Said> {
  const before = takeSnapshot();
  const outcome = await core.refusedStart(change);
  const { added } = compareSnapshots(before, takeSnapshot(), mentioning(core.folder, "badother"));
  expect(added).toEqual([]);
  expect(outcome.code).toBe(1);
  return outcome;
}

/** Options of a second node that has nothing in common with the first. */
const other = (): Record<string, string> => ({
  "node-name": "badother",
  "data-dir": join(core.folder, "data2"),
  "run-dir": join(core.folder, "r2"),
  "kubelet-root": join(core.folder, "k2"),
});

function expectNothingMade(): void {
  const made = ["data2", "r2", "k2"].filter((name) => existsSync(join(core.folder, name)));
  expect(made).toEqual([]);
}

describe("a start beside a core that runs", () => {
  test("on the same data directory is refused naming the process, which goes on", async () => {
    const { text } = await refused();
    expect(text).toContain(`process ${core.pid} already runs a core on ${core.dataDirectory}`);
    expect(text).toContain("--data-dir");
    expect(await keptWord()).toBe("remembered");
  });

  test("on its port is refused naming the address and the option", async () => {
    const { text } = await refused({ ...other(), port: String(core.port), "kubelet-port": "1" });
    expect(text).toContain(`127.0.0.1:${core.port} is in use by another process`);
    expect(text).toContain("another port with --port");
    expectNothingMade();
  });

  test("on the port of its kubelet is refused naming that option", async () => {
    const { text } = await refused({ ...other(), port: "1", "kubelet-port": String(core.kubeletPort) });
    expect(text).toContain(`127.0.0.1:${core.kubeletPort} is in use by another process`);
    expect(text).toContain("another port with --kubelet-port");
    expectNothingMade();
  });
});

describe("options that cannot be", () => {
  test("a run directory whose sockets would have more than 107 bytes is refused with both numbers", async () => {
    const long = join(core.folder, "r".repeat(80));
    const { text } = await refused({ ...other(), "run-dir": long });
    expect(text).toMatch(/would have paths of \d{3} bytes; Unix sockets allow 107/);
    expect(text).toMatch(/shorter directory with --run-dir, at most \d+ bytes/);
    expect(existsSync(long)).toBe(false);
    expectNothingMade();
  });

  test.each(["many", "65536", "-1"])("port %s is refused naming the option", async (port) => {
    const { text } = await refused({ ...other(), port });
    expect(text).toContain(`--port ${port}: a port is a number from 1 to 65535`);
    expectNothingMade();
  });

  test("an address that this machine does not have is refused naming the option", async () => {
    const { text } = await refused({ ...other(), address: "198.51.100.7" });
    expect(text).toContain("198.51.100.7");
    expect(text).toContain("with --address");
    expectNothingMade();
  });
});

describe("a data directory", () => {
  beforeAll(() => core.stop());

  test("that is read-only is refused by its name, unchanged, and serves again once it is writable", async () => {
    const before = contents(core.dataDirectory);
    bindMount(core.dataDirectory, core.dataDirectory, { readOnly: true });
    try {
      const { text } = await refused();
      expect(text).toContain(`${core.dataDirectory} cannot be written: EROFS`);
      expect(text).toContain("mount its file system read-write");
    } finally {
      unmount(core.dataDirectory);
    }
    expect(contents(core.dataDirectory)).toEqual(before);
    await core.start();
    expect(await keptWord()).toBe("remembered");
    await core.stop();
  });

  test("whose file system has no room for a node is refused with both sizes", async () => {
    const small = join(core.folder, "small");
    mkdirSync(small);
    mountTmpfs(small, { sizeBytes: 8 * 1024 ** 2 });
    try {
      const { text } = await refused({ "data-dir": small });
      expect(text).toContain(`8 MiB free in ${small}; 64 MiB are wanted`);
      expect(readdirSync(small)).toEqual([]);
    } finally {
      unmount(small);
    }
  });

  const damages: readonly [string, (store: string) => void][] = [
    ["is no database at all", (store) => writeFileSync(store, "not a database\n")],
    ["was cut short", (store) => truncateSync(store, 20_000)],
    [
      "has a first page of nonsense",
      (store) => {
        const bytes = readFileSync(store);
        writeFileSync(store, bytes.fill(0xa5, 0, 4096));
      },
    ],
  ];
  test.each(damages)("whose store %s is refused naming the file, which stays as it is", async (_, damage) => {
    const store = join(core.dataDirectory, "store.db");
    const copy = join(core.folder, "backup");
    cpSync(core.dataDirectory, copy, { recursive: true });
    damage(store);
    const damaged = contents(core.dataDirectory);
    const { text } = await refused();
    expect(text).toContain(`the store file ${store} is damaged`);
    expect(text).toContain("BERTH_DATABASE_CORRUPT");
    expect(contents(core.dataDirectory)).toEqual(damaged);

    rmSync(core.dataDirectory, { recursive: true });
    cpSync(copy, core.dataDirectory, { recursive: true });
    rmSync(copy, { recursive: true });
    await core.start();
    expect(await keptWord()).toBe("remembered");
    await core.stop();
  });
});
