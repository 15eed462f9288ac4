import { expect, test } from "vitest";
import { BackwardWriter } from "./backward-writer.ts";
import { openApiV2Protobuf, wantsOpenApiV2Protobuf } from "./openapi-v2-protobuf.ts";

test("a document is written in the order in which it is said, and what says nothing is left out", () => {
  const bytes = openApiV2Protobuf({ swagger: "2.0", host: "", info: { title: "Berth", version: "v1.36" } });
  expect([...bytes]).toEqual([
    ...[0x0a, 3, ...Buffer.from("2.0")],
    ...[0x12, 14, 0x0a, 5, ...Buffer.from("Berth"), 0x12, 5, ...Buffer.from("v1.36")],
  ]);
});

test("numbers of several bytes, and what needs more room than was expected, are written whole", () => {
  const writer = new BackwardWriter(1);
  writer.text(3, "é".repeat(150));
  writer.integer(2, 2 ** 40 + 5);
  writer.double(20, 0.5);
  expect([...writer.done()]).toEqual([
    ...[0xa1, 0x01, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f],
    ...[0x10, 0x85, 0x80, 0x80, 0x80, 0x80, 0x20],
    ...[0x1a, 0xac, 0x02, ...Buffer.from("é".repeat(150))],
  ]);
});

test("only who asks for it gets it", () => {
  expect(wantsOpenApiV2Protobuf("application/com.github.proto-openapi.spec.v2@v1.0+protobuf")).toBe(true);
  expect(wantsOpenApiV2Protobuf("application/json")).toBe(false);
  expect(wantsOpenApiV2Protobuf(undefined)).toBe(false);
});
