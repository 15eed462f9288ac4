import { describe, expect, test } from "vitest";
import { decodeJson } from "./decode-json.ts";
import { deepCopy, deepEqual } from "./json-value.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("decoding JSON", () => {
  test("keeps integers beyond 2^53 digit by digit", () => {
    const text = '{"big":9007199254740993,"small":-12,"list":[18446744073709551615,1.5e3]}';
    const { value } = decodeJson(bytes(text));
    expect(JSON.stringify(value)).toBe(
      '{"big":9007199254740993,"small":-12,"list":[18446744073709551615,1500]}',
    );
    expect(JSON.stringify(deepCopy(value))).toBe(JSON.stringify(value));
    expect(deepEqual(value, decodeJson(text).value)).toBe(true);
    expect(deepEqual(value, decodeJson(text.replace("993", "994")).value)).toBe(false);
  });

  test("names members that occur twice by their path", () => {
    const { value, duplicates } = decodeJson('{"a":{"b":[{"c":1,"c":{"c":2}}]},"a\\u0062":1,"ab":2}');
    expect(duplicates).toEqual(["a.b[0].c", "ab"]);
    expect(value).toEqual({ a: { b: [{ c: { c: 2 } }] }, ab: 2 });
  });

  test("is not misled by colons, braces, quotes and digits inside strings", () => {
    const object = { a: 'x": {"y": 1}', "b\\": "[[[", c: "12345678901234567890" };
    expect(decodeJson(JSON.stringify(object))).toEqual({ value: object, duplicates: [] });
  });

  test("makes __proto__ an ordinary member", () => {
    const { value } = decodeJson('{"__proto__":{"polluted":1},"__proto__":{"polluted":2}}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(deepCopy(value))).toBe('{"__proto__":{"polluted":2}}');
    expect((value as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test.each([
    ["no JSON", '{"a":', "the body is not JSON"],
    ["JSON that nests too deep", `${"[".repeat(500)}${"]".repeat(500)}`, "nests 500"],
  ])("refuses %s", (_, text, sentence) => {
    expect(() => decodeJson(text)).toThrow(sentence);
  });

  test("refuses bytes that are no UTF-8, and more of them than allowed", () => {
    expect(() => decodeJson(new Uint8Array([0x22, 0xff, 0x22]))).toThrow("not UTF-8");
    expect(() => decodeJson('"12345"', { maxBytes: 4, maxDepth: 9 })).toThrow("at most 4 are taken");
  });
});
