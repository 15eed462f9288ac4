import { execa } from "execa";
import { expect, it } from "vitest";
import { Ledger } from "../crash/ledger.ts";
import { Replay } from "../crash/replay.ts";

const program = new URL("../crash/main.ts", import.meta.url).pathname;

it("loses no acknowledged write and no change to a watch, whatever is killed and whenever the power goes", async () => {
  const { stdout } = await execa(process.execPath, [program, "--rounds", "4", "--seed", `${process.pid}`], {
    stderr: "inherit",
  });
  expect(stdout).toBe("crash: 4 rounds, 0 lost writes, 0 gaps");
});

it("would see a write that is lost, an old one that stands again, and a deletion undone", () => {
  const ledger = new Ledger();
  for (const name of ["kept", "lost", "old", "deleted"]) {
    ledger.begin(name, "put");
    ledger.acknowledge(name, 5);
  }
  ledger.begin("old", "put");
  ledger.acknowledge("old", 6);
  ledger.begin("deleted", "delete");
  ledger.acknowledge("deleted", undefined);
  ledger.begin("never answered", "put");
  const standing = new Map(Object.entries({ kept: 5, old: 5, deleted: 5 }));
  const now = ledger.snapshot();
  expect(Ledger.lost(now, now, standing)).toEqual(["lost", "old", "deleted"]);
});

it("would see what watches left out", () => {
  const replay = new Replay();
  replay.objects.set("told", 3);
  expect(replay.differences(new Map([["told", 3]]))).toEqual([]);
  expect(replay.differences(new Map(Object.entries({ told: 4, untold: 5 })))).toHaveLength(2);
});
