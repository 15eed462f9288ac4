import { describe, expect, it } from "vitest";
import { linesOf } from "./lines.ts";

async function* cut(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function linesIn(text: string, size: number, longest = 100): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(cut(text, size), longest)) lines.push(line);
  return lines;
}

describe("lines of a text in pieces", () => {
  it.each([1, 2, 3, 7, 100])("are the same when it comes %i bytes at a time", async (size) => {
    expect(await linesIn('{"a":"ß€🙂"}\n\n{"b":1}\n{"half', size)).toEqual(['{"a":"ß€🙂"}', "", '{"b":1}']);
  });

  it("are not gathered without end", async () => {
    await expect(linesIn(`${"x".repeat(101)}\n`, 10)).rejects.toThrow("longer than 100");
    expect(await linesIn(`${"x".repeat(100)}\ny\n`, 10)).toHaveLength(2);
  });
});
