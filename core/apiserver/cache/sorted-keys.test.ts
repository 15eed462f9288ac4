import { expect, test } from "vitest";
import { SortedKeys } from "./sorted-keys.ts";

function keysOf(...names: readonly string[]): { there: Set<string>; keys: SortedKeys } {
  const there = new Set<string>();
  const keys = new SortedKeys((key) => there.has(key));
  for (const name of names) {
    there.add(name);
    keys.add(name);
  }
  return { there, keys };
}

test("tells the keys in their order, each once, and none that is gone", () => {
  const { there, keys } = keysOf("d", "b", "c");
  expect([...keys.from()]).toEqual(["b", "c", "d"]);
  there.delete("c");
  keys.delete();
  keys.add("a");
  there.add("a");
  expect([...keys.from()]).toEqual(["a", "b", "d"]);
  there.delete("b");
  keys.delete();
  there.add("b");
  keys.add("b");
  expect([...keys.from("a")]).toEqual(["b", "d"]);
  expect(keys.size).toBe(3);
});

test("keeps no more than a share of keys that come and go while nobody asks for their order", () => {
  let asked = 0;
  const there = new Set(["stays"]);
  const keys = new SortedKeys((key) => {
    asked++;
    return there.has(key);
  });
  keys.add("stays");
  for (let number = 0; number < 10_000; number++) {
    keys.add(`passes-${number}`);
    keys.delete();
  }
  expect(asked).toBeGreaterThan(5_000);
  asked = 0;
  expect([...keys.from()]).toEqual(["stays"]);
  expect(asked).toBeLessThan(2_000);
});
