import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { limitLogs } from "../../core/pluginhost/launch/log-keeper.ts";

it("a log over its limit is kept once and starts anew under its writer's hands", async () => {
  const data = mkdtempSync(join(tmpdir(), "berth-logs-"));
  const folder = join(data, "plugins", "a", "log");
  mkdirSync(folder, { recursive: true });
  const log = join(folder, "1.log");
  const writer = openSync(log, "a");
  writeSync(writer, "x".repeat(100));
  writeFileSync(join(folder, "2.log"), "short");
  expect(await limitLogs(data, 50)).toEqual([log]);
  writeSync(writer, "after");
  expect(readFileSync(log, "utf8")).toBe("after");
  expect(readFileSync(`${log}.1`, "utf8")).toHaveLength(100);
  expect(await limitLogs(data, 50)).toEqual([]);
  rmSync(data, { recursive: true });
});
