import { describe, expect, it } from "vitest";
import { StartTurns } from "./start-turns.ts";

describe("start turns", () => {
  it("let in no more than so many at a time, in the order of asking, and all in the end", async () => {
    const turns = new StartTurns(2);
    const begun: number[] = [];
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
    const all = gates.map((gate, index) =>
      turns.take(() => {
        begun.push(index);
        return gate.promise;
      }),
    );
    expect(begun).toEqual([0, 1]);
    gates[1]!.reject(new Error("did not start"));
    await expect(all[1]).rejects.toThrow("did not start");
    expect(begun).toEqual([0, 1, 2]);
    for (const index of [0, 2, 3, 4]) gates[index]!.resolve();
    await Promise.all([all[0], all[2], all[3], all[4]]);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });
});
