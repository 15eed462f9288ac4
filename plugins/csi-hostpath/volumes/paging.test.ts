import { expect, it } from "vitest";
import { page } from "./paging.ts";

const items = ["c", "a", "d", "b"].map((id) => ({ id }));

it("gives every entry once over pages of any size", () => {
  const seen: string[] = [];
  let token = "";
  do {
    const { entries, nextToken } = page(items, { max_entries: 3, starting_token: token });
    seen.push(...entries.map(({ id }) => id));
    token = nextToken;
  } while (token !== "");
  expect(seen).toEqual(["a", "b", "c", "d"]);
});

it("goes on behind an entry that has gone meanwhile", () => {
  const { nextToken } = page(items, { max_entries: 2, starting_token: "" });
  const without = items.filter(({ id }) => id !== "b");
  expect(page(without, { max_entries: 0, starting_token: nextToken }).entries).toEqual([
    { id: "c" },
    { id: "d" },
  ]);
});

it("refuses a token of somebody else with ABORTED", () => {
  expect(() => page(items, { max_entries: 1, starting_token: "17" })).toThrow(
    expect.objectContaining({ code: "ABORTED" }),
  );
});
