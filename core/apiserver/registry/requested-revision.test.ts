import { expect, it } from "vitest";
import { requestedRevision } from "./requested-revision.ts";

const asked = (text: string): string => requestedRevision(new URLSearchParams({ resourceVersion: text }));

it("takes what fits into 64 bits, and refuses what no store can ever reach", () => {
  for (const text of ["", "0", "7", "18446744073709551615"]) expect(asked(text)).toBe(text);
  for (const text of ["-1", "1.5", "abc", "0x1", "18446744073709551616", "99999999999999999999"])
    expect(() => asked(text)).toThrow("invalid resource version");
});
