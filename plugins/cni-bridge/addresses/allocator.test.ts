import { expect, test } from "vitest";
import { type AddressRange, resolveRange } from "./address-range.ts";
import { nextFreeAddress } from "./allocator.ts";

const range: AddressRange = resolveRange({ subnet: "10.0.0.0/29" });

test("addresses are given in turn, and one that was released waits for the round to end", () => {
  const taken = new Set<string>();
  let last: string | undefined;
  const give = (): string | undefined => {
    const address = nextFreeAddress(range, last, (each) => taken.has(each));
    if (address !== undefined) taken.add((last = address));
    return address;
  };
  expect([give(), give()]).toEqual(["10.0.0.2", "10.0.0.3"]);
  taken.delete("10.0.0.2");
  expect([give(), give(), give()]).toEqual(["10.0.0.4", "10.0.0.5", "10.0.0.6"]);
  expect(give()).toBe("10.0.0.2");
  expect(give()).toBeUndefined();
});

test("a last given address from another range starts a new round", () => {
  expect(nextFreeAddress(range, "192.168.0.1", () => false)).toBe("10.0.0.2");
  expect(nextFreeAddress(range, "10.0.0.6", () => false)).toBe("10.0.0.2");
});

test("the gateway is skipped wherever it lies", () => {
  const middle = resolveRange({ subnet: "10.0.0.0/29", gateway: "10.0.0.3" });
  expect(nextFreeAddress(middle, "10.0.0.2", () => false)).toBe("10.0.0.4");
});
