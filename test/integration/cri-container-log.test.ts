import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ContainerLog, type LogChunk } from "@berth/cri/logs/container-log.ts";

describe("a container's log", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "berth-log-"));
    path = join(folder, "logs", "main.log");
    for (const name of ["stdout", "stderr"]) writeFileSync(join(folder, name), "");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const say = (text: string, stream = "stdout") => appendFileSync(join(folder, stream), text);
  const lines = (): string[] =>
    readFileSync(path, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => line.slice(line.indexOf(" ") + 1));

  test("goes on where a killed writer stopped: lines written but not noted are not there twice", () => {
    const first = new ContainerLog(folder, path);
    say("one\n");
    first.drainAll(false);
    // Killed between the write of "two" and its checkpoint, with a third line cut in half.
    say("two\nthree\n");
    appendFileSync(path, "2026-01-01T00:00:00.000000000Z stdout F two\n2026-01-01T00:00:00.000000000Z stdou");
    const second = new ContainerLog(folder, path);
    second.drainAll(true);
    expect(lines()).toEqual(["stdout F one", "stdout F two", "stdout F three"]);
    second.close();
    first.close();
  });

  test("a line without its end waits, is heard at once, and is written when nothing more comes", () => {
    const log = new ContainerLog(folder, path);
    const heard: LogChunk[] = [];
    log.onDidRead((chunk) => heard.push(chunk));
    say("half", "stderr");
    log.drainAll(false);
    log.drainAll(false);
    expect(lines()).toEqual([]);
    expect(heard.map(({ bytes }) => String(bytes))).toEqual(["half"]);
    log.drainAll(true);
    expect(lines()).toEqual(["stderr F half"]);
    log.close();
  });

  test("a rotated log is left whole and the next line goes to a new one", () => {
    const log = new ContainerLog(folder, path);
    say("one\n");
    log.drainAll(false);
    renameSync(path, `${path}.1`);
    log.reopen();
    say("two\n");
    log.drainAll(false);
    expect(readFileSync(`${path}.1`, "utf8")).toMatch(/ one\n$/);
    expect(lines()).toEqual(["stdout F two"]);
    log.close();
  });

  test("what is in the log takes no more room in the spool", () => {
    const log = new ContainerLog(folder, path);
    say(`${"x".repeat(1023)}\n`.repeat(4096));
    log.drainAll(false);
    const { size, blocks } = statSync(join(folder, "stdout"));
    expect(size).toBe(4 * 1024 * 1024);
    expect(blocks * 512).toBeLessThan(1.1 * 1024 * 1024);
    log.close();
  });
});
