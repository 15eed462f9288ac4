import { describe, expect, test } from "vitest";
import { formatCriLog, formatLogTime, maxLineBytes } from "./cri-log-format.ts";

const time = "2026-01-01T00:00:00.000000000Z";
const format = (text: string, atEnd = false) => {
  const { text: lines, consumed } = formatCriLog(Buffer.from(text), "stdout", time, atEnd);
  return { lines: lines.toString("utf8"), consumed };
};

describe("the CRI log format", () => {
  test("whole lines are taken, the begin of the next one waits", () => {
    expect(format("a\n\nbc")).toEqual({ lines: `${time} stdout F a\n${time} stdout F \n`, consumed: 3 });
  });

  test("the last line is written at the end even without newline", () => {
    expect(format("bc", true)).toEqual({ lines: `${time} stdout F bc\n`, consumed: 2 });
  });

  test("a long line is cut into partial ones and its rest is full", () => {
    const { lines, consumed } = format(`${"x".repeat(maxLineBytes + 5)}\n`);
    expect(consumed).toBe(maxLineBytes + 6);
    expect(lines.split("\n").map((line) => line.slice(time.length + 8, time.length + 9))).toEqual([
      "P",
      "F",
      "",
    ]);
  });

  test("a time has nine digits of a second", () => {
    expect(formatLogTime(1_000_000_000_000_000_123n)).toBe("2001-09-09T01:46:40.000000123Z");
  });
});
