import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";
import {
  canonicalMicroTime,
  canonicalTime,
  formatAge,
  formatMicroTime,
  formatSpan,
  formatTime,
} from "./timestamp.ts";

test("times are kept in UTC, to the second or to the microsecond", () => {
  expect(canonicalTime("2026-01-02T03:04:05.678+01:00")).toBe("2026-01-02T02:04:05Z");
  expect(canonicalMicroTime("2026-01-02T03:04:05.1234567+01:00")).toBe("2026-01-02T02:04:05.123456Z");
  expect(formatTime(0)).toBe("1970-01-01T00:00:00Z");
  expect(formatMicroTime(1)).toBe("1970-01-01T00:00:00.001000Z");
});

test("a time reads as the language itself writes it, whatever the year, month, day and hour", () => {
  const first = Date.parse("0001-01-01T00:00:00Z");
  const step = 377 * 86_400_000 + 12_345_678;
  for (let time = first; time < Date.parse("9999-12-31T00:00:00Z"); time += step)
    expect(formatTime(time)).toBe(`${new Date(time).toISOString().slice(0, 19)}Z`);
  expect(() => formatTime(Number.NaN)).toThrow("is no time");
});

test.each(["2026-01-02", "2026-13-02T00:00:00Z", "2026-01-02T03:04:05", "now", "2026-01-02T25:00:00Z"])(
  "%s is no time",
  (text) => {
    expect(canonicalTime(text)).toBeUndefined();
  },
);

test.each([
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [200, "3m20s"],
  [3600, "60m"],
  [4 * 3600, "4h"],
  [4.5 * 3600, "4h30m"],
  [30 * 3600, "30h"],
  [50 * 3600, "2d2h"],
  [20 * 86_400, "20d"],
  [800 * 86_400, "2y70d"],
  [-5, "<invalid>"],
])("an age of %d s reads %s", (seconds, text) => {
  expect(formatSpan(seconds)).toBe(text);
});

test("what has no time has an unknown age", () => {
  expect(formatAge(undefined, 0)).toBe("<unknown>");
  expect(formatAge("1970-01-01T00:00:00Z", 5000)).toBe("5s");
});

test("durations are read and written as usual", () => {
  expect(parseDuration("1h30m")).toBe(5_400_000);
  expect(parseDuration("-1.5s")).toBe(-1500);
  expect(parseDuration("250us")).toBe(0.25);
  expect(["", "1", "x", "1h x"].map(parseDuration)).toEqual([undefined, undefined, undefined, undefined]);
  expect(formatDuration(5_400_000_000_000n)).toBe("1h30m0s");
  expect(formatDuration(1_500_000n)).toBe("1.5ms");
  expect(formatDuration(-2_000_000_000n)).toBe("-2s");
});
