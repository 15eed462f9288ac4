import { expect, test } from "vitest";
import {
  categories,
  compareSnapshots,
  countByCategory,
  describeItems,
  type Item,
  mentioning,
  type Snapshot,
} from "./snapshot.ts";

const item = (category: Item["category"], id: string, text = id): Item => ({ category, id, text });
const snapshot = (...items: Item[]): Snapshot => ({ takenAt: "2026-01-01T00:00:00.000Z", items });

test("what is new and what is gone are told apart, also where two categories use one id", () => {
  const before = snapshot(item("links", "1"), item("links", "2"));
  const after = snapshot(item("links", "2"), item("mounts", "1"));
  const { added, removed } = compareSnapshots(before, after);
  expect(added).toEqual([item("mounts", "1")]);
  expect(removed).toEqual([item("links", "1")]);
});

test("a process with a reused number counts as new", () => {
  const before = snapshot(item("processes", "7@100", "7 sleep"));
  const after = snapshot(item("processes", "7@200", "7 sleep"));
  expect(compareSnapshots(before, after).added).toHaveLength(1);
});

test("a filter leaves out what others make meanwhile", () => {
  const after = snapshot(item("links", "mine0"), item("links", "theirs0"));
  expect(compareSnapshots(snapshot(), after, mentioning("mine", "/data")).added).toEqual([
    item("links", "mine0"),
  ]);
});

test("counts name every category, and the description only those with something in them", () => {
  const items = [item("links", "a0"), item("mounts", "/b")];
  expect(Object.keys(countByCategory(items))).toEqual([...categories]);
  expect(countByCategory(items).links).toBe(1);
  expect(describeItems(items)).toBe("mounts: 1\n  /b\nlinks: 1\n  a0");
  expect(describeItems([])).toBe("");
});
