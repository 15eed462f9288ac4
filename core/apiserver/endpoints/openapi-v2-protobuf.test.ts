import { expect, test } from "vitest";
import { openApiV2Protobuf, wantsOpenApiV2Protobuf } from "./openapi-v2-protobuf.ts";

test("the document says its version, and whose it is", () => {
  const bytes = openApiV2Protobuf("Berth", "v1.36");
  expect([...bytes]).toEqual([
    ...[0x0a, 3, ...Buffer.from("2.0")],
    ...[0x12, 14, 0x0a, 5, ...Buffer.from("Berth"), 0x12, 5, ...Buffer.from("v1.36")],
  ]);
});

test("a text of more than 127 bytes keeps its length", () => {
  const bytes = openApiV2Protobuf("t".repeat(300), "");
  expect([...bytes.subarray(8, 11)]).toEqual([0x0a, 0xac, 0x02]);
});

test("only who asks for it gets it", () => {
  expect(wantsOpenApiV2Protobuf("application/com.github.proto-openapi.spec.v2@v1.0+protobuf")).toBe(true);
  expect(wantsOpenApiV2Protobuf("application/json")).toBe(false);
  expect(wantsOpenApiV2Protobuf(undefined)).toBe(false);
});
