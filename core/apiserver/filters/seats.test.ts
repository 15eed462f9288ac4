import { describe, expect, it } from "vitest";
import { Seats } from "./seats.ts";

/** As many as one gets. */
function fill(seats: Seats, user: string): number {
  let taken = 0;
  while (seats.takeIfFree(user)) taken++;
  return taken;
}

describe("seats", () => {
  it("leave something for one user more, whoever came first", () => {
    const seats = new Seats(12);
    expect(fill(seats, "greedy")).toBe(6);
    expect(fill(seats, "second")).toBe(4);
    expect(fill(seats, "third")).toBe(2);
    expect(seats.count).toBe(12);
    for (let i = 0; i < 6; i++) seats.leave("greedy");
    expect(fill(seats, "fourth")).toBe(3);
    expect(fill(seats, "greedy")).toBe(2);
  });

  it("are one for everybody even when there are more users than seats, up to the limit", () => {
    const seats = new Seats(2);
    expect(["a", "b", "c"].map((user) => seats.takeIfFree(user))).toEqual([true, true, false]);
    seats.leave("a");
    expect(seats.takeIfFree("c")).toBe(true);
  });

  it("are taken beyond the limit by who must come through, and count", () => {
    const seats = new Seats(2);
    for (let i = 0; i < 3; i++) seats.take("admin");
    expect([seats.count, seats.takeIfFree("user")]).toEqual([3, false]);
    for (let i = 0; i < 3; i++) seats.leave("admin");
    expect([seats.count, seats.takeIfFree("user")]).toEqual([0, true]);
  });
});
