import { describe, expect, it } from "vitest";
import { HealthAccount } from "./health-account.ts";

const miss = { answered: false, ownDelayMs: 5, progress: false };

describe("health account", () => {
  it("calls a plugin dead after three misses in a row, not before", () => {
    const account = new HealthAccount();
    expect([miss, miss, miss].map((check) => account.record(check))).toEqual(["suspect", "suspect", "dead"]);
  });

  it("starts over with one answer", () => {
    const account = new HealthAccount();
    account.record(miss);
    account.record(miss);
    expect(account.record({ ...miss, answered: true })).toBe("alive");
    expect(account.record(miss)).toBe("suspect");
  });

  it("does not count a miss while the host itself was late", () => {
    const account = new HealthAccount();
    for (let n = 0; n < 10; n++) expect(account.record({ ...miss, ownDelayMs: 200 })).toBe("alive");
    expect(account.record({ ...miss, ownDelayMs: 199 })).toBe("suspect");
  });

  it("does not count a miss while a call made progress", () => {
    const account = new HealthAccount();
    account.record(miss);
    account.record(miss);
    expect(account.record({ ...miss, progress: true })).toBe("alive");
  });
});
