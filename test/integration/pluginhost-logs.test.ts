import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { limitLogs } from "../../core/pluginhost/launch/log-keeper.ts";
import { loggedProcesses, pruneLogs } from "../../core/pluginhost/launch/process-logs.ts";

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

it("of all the processes that a plugin had, the logs of the last five are kept", async () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-logs-"));
  for (const number of [1, 2, 8, 9, 10, 11, 12]) writeFileSync(join(folder, `${number}.log`), "");
  await pruneLogs(folder);
  expect(await loggedProcesses(folder)).toEqual([12, 11, 10, 9, 8]);
  rmSync(folder, { recursive: true });
});
