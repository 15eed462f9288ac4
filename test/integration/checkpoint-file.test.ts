import { execFileSync, fork } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { DisposableStack, FakeClock } from "@berth/base";
import {
  databaseCorrupt,
  databaseForeign,
  databaseFull,
  databaseLocked,
  databaseNewerFormat,
} from "@berth/sqlite";

import type { Checkpoint } from "../../core/checkpoint/checkpoint.ts";
import { openCheckpoint } from "../../core/checkpoint/sqlite-checkpoint.ts";

let stack: DisposableStack;
let path: string;

beforeEach(() => {
  stack = new DisposableStack("test");
  const folder = mkdtempSync(join(tmpdir(), "berth-checkpoint-"));
  stack.defer(folder, () => rmSync(folder, { recursive: true }));
  path = join(folder, "node", "checkpoint.db");
});
afterEach(() => stack.dispose());

function open(clock = new FakeClock()): Checkpoint {
  const checkpoint = openCheckpoint(path, { clock });
  stack.defer("checkpoint", () => checkpoint.close());
  return checkpoint;
}

function reopened(checkpoint: Checkpoint): Checkpoint {
  checkpoint.close();
  const again = openCheckpoint(path);
  stack.defer("checkpoint", () => again.close());
  return again;
}

describe("buckets", () => {
  it("keep values by key, apart from other buckets, from one opening to the next", () => {
    const first = open();
    first.bucket<{ size: number }>("a").put("k", { size: 1 });
    first.bucket<string>("b").put("k", "other");
    first.bucket<{ size: number }>("a").put("k", { size: 2 });
    const bucket = reopened(first).bucket<{ size: number }>("a");
    expect(bucket.get("k")).toEqual({ size: 2 });
    expect(bucket.get("none")).toBeUndefined();
    expect([bucket.has("k"), bucket.has("none")]).toEqual([true, false]);
    expect([bucket.delete("k"), bucket.delete("k")]).toEqual([true, false]);
    expect(bucket.entries()).toEqual([]);
  });

  it("list keys in order, and those of a prefix taken literally", () => {
    const bucket = open().bucket<number>("a");
    for (const [index, key] of ["p/b", "p_a", "p/a", "q", "p%"].entries()) bucket.put(key, index);
    expect(bucket.keys()).toEqual(["p%", "p/a", "p/b", "p_a", "q"]);
    expect(bucket.entries("p/")).toEqual([
      ["p/a", 2],
      ["p/b", 0],
    ]);
    expect(bucket.keys("p_")).toEqual(["p_a"]);
  });
});

describe("transactions", () => {
  it("keep all or nothing, nested ones too", () => {
    const checkpoint = open();
    const bucket = checkpoint.bucket<number>("a");
    expect(() =>
      checkpoint.transaction(() => {
        bucket.put("x", 1);
        throw new Error("changed my mind");
      }),
    ).toThrow("changed my mind");
    checkpoint.transaction(() => {
      bucket.put("y", 1);
      expect(() =>
        checkpoint.transaction(() => {
          bucket.put("z", 1);
          throw new Error("inner");
        }),
      ).toThrow("inner");
    });
    expect(reopened(checkpoint).bucket("a").keys()).toEqual(["y"]);
  });
});

describe("intents", () => {
  it("are unfinished until they end, oldest first, with the payload they began with", () => {
    const clock = new FakeClock();
    const checkpoint = open(clock);
    checkpoint.intents.begin("csi.createVolume", "pvc-1", { size: 5 });
    checkpoint.intents.begin("cri.runPodSandbox", "pod-1", {});
    checkpoint.intents.begin("csi.createVolume", "pvc-2", {}).complete();
    const again = checkpoint.intents.begin("csi.createVolume", "pvc-1", { size: 9 });
    expect(again.payload).toEqual({ size: 5 });
    const { intents } = reopened(checkpoint);
    expect(intents.unfinished().map(({ key }) => key)).toEqual(["pvc-1", "pod-1"]);
    const [left] = intents.unfinished<{ size: number }>("csi.createVolume");
    expect(left).toMatchObject({ key: "pvc-1", payload: { size: 5 }, begunAt: clock.now() });
    left!.abandon();
    expect(intents.unfinished("csi.createVolume")).toEqual([]);
  });

  it("end together with what is recorded about them, or not at all", () => {
    const checkpoint = open();
    const intent = checkpoint.intents.begin("k", "1", {});
    expect(() =>
      intent.complete(() => {
        checkpoint.bucket("done").put("1", true);
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(checkpoint.intents.unfinished()).toHaveLength(1);
    intent.complete(() => checkpoint.bucket("done").put("1", true));
    expect(checkpoint.intents.unfinished()).toEqual([]);
    expect(checkpoint.bucket("done").get("1")).toBe(true);
  });
});

describe("a checkpoint file", () => {
  it("is refused when damaged, when newer and when it belongs to another program", () => {
    open().close();
    change("user_version = 2");
    expect(() => openCheckpoint(path)).toThrow(expect.objectContaining({ definition: databaseNewerFormat }));
    change("user_version = 1");
    change("application_id = 5");
    expect(() => openCheckpoint(path)).toThrow(expect.objectContaining({ definition: databaseForeign }));
    truncateSync(path, 5000);
    expect(() => openCheckpoint(path)).toThrow(
      expect.objectContaining({
        definition: databaseCorrupt,
        message: expect.stringContaining(path) as string,
      }),
    );
  });

  it("is refused while another process holds it, with that process's id", async () => {
    const holder = fork(new URL("../support/checkpoint-holder.ts", import.meta.url), [path]);
    const exited = new Promise((resolve) => holder.once("exit", resolve));
    await new Promise((resolve) => holder.once("message", resolve));
    try {
      expect(() => openCheckpoint(path)).toThrow(
        expect.objectContaining({ definition: databaseLocked, fields: { pid: holder.pid } }),
      );
    } finally {
      holder.kill("SIGKILL");
      await exited;
    }
    expect(open().bucket<string>("a").get("kept")).toBe("through kill -9");
  });

  it("on a full disk refuses the write, keeps the rest and goes on when there is room", () => {
    const disk = mkdtempSync(join(tmpdir(), "berth-checkpoint-"));
    stack.defer(disk, () => rmSync(disk, { recursive: true }));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
    stack.defer(`mount ${disk}`, () => void execFileSync("umount", [disk]));
    path = join(disk, "checkpoint.db");
    const bucket = open().bucket<string>("a");
    const fill = (): void => {
      for (let i = 0; i < 100; i++) bucket.put(`${i}`, "x".repeat(50_000));
    };
    expect(fill).toThrow(expect.objectContaining({ definition: databaseFull }));
    expect(bucket.keys().length).toBeGreaterThan(0);
    execFileSync("mount", ["-o", "remount,size=32m", disk]);
    fill();
    expect(bucket.keys()).toHaveLength(100);
  });
});

function change(pragma: string): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA ${pragma}; PRAGMA wal_checkpoint(TRUNCATE)`);
  db.close();
}
