import { describe, expect, it } from "vitest";

import { compareKeys, keyAfter, prefixEnd } from "./keys.ts";

describe("the order of keys", () => {
  it("is that of their UTF-8 bytes", () => {
    const keys = [
      "",
      "/",
      "/a",
      "/a/b",
      "/a0",
      "/é",
      "/퟿",
      "/\ue000",
      "/\uffee",
      "/\u{10000}",
      "/\u{10fffe}",
    ];
    for (const a of keys) {
      for (const b of keys) {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect([a, b, Math.sign(compareKeys(a, b))]).toEqual([a, b, bytes]);
      }
    }
  });

  it("puts the end of a prefix above all of its keys and above nothing else", () => {
    for (const prefix of ["/a/", "/z\ud7ff", "/\u{10ffff}", "", "\u{10ffff}"]) {
      const end = prefixEnd(prefix);
      expect(compareKeys(`${prefix}\u{10ffff}`, end)).toBeLessThan(0);
      expect(end.isWellFormed()).toBe(true);
    }
    expect(prefixEnd("/a/")).toBe("/a0");
    expect(prefixEnd("/z\ud7ff")).toBe("/z\ue000");
  });

  it("has nothing between a key and the one after it", () => {
    expect(compareKeys("/a", keyAfter("/a"))).toBeLessThan(0);
    expect(compareKeys(keyAfter("/a"), "/a ")).toBeLessThan(0);
  });
});
