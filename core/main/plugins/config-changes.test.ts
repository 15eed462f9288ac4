import { expect, it } from "vitest";
import { configChanges } from "./config-changes.ts";

it("keys that are gone, new or have another default are told, and which new one may be meant", () => {
  const before = {
    properties: {
      prefix: { type: "string", default: "10.9.0" },
      slow: { type: "integer" },
      same: { type: "boolean", default: true },
      inner: { type: "object", properties: { mode: { enum: ["a", "b"], default: "a" } } },
    },
  } as const;
  const after = {
    properties: {
      prefixes: { type: "array" },
      slow: { type: "integer", default: 3 },
      same: { type: "boolean", default: true },
      inner: { type: "object", properties: { mode: { enum: ["a", "b"], default: "b" } } },
    },
  } as const;
  expect(configChanges(structuredClone(before) as never, structuredClone(after) as never)).toEqual([
    '- prefix: string = "10.9.0", perhaps now prefixes',
    "- slow: integer",
    "+ slow: integer = 3",
    '- inner.mode: "a"|"b" = "a"',
    '+ inner.mode: "a"|"b" = "b"',
    "+ prefixes: array",
  ]);
  expect(configChanges(structuredClone(after) as never, structuredClone(after) as never)).toEqual([]);
});
