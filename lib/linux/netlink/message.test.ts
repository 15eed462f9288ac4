import { expect, test } from "vitest";
import {
  attribute,
  decodeAttributeList,
  decodeAttributes,
  decodeMessages,
  decodeText,
  encodeMessage,
  nested,
  text,
  u32,
} from "./message.ts";

test("messages sent in one go are told apart, whatever their length", () => {
  const bytes = Buffer.concat([
    encodeMessage(16, 5, 1, Buffer.from("abcde")),
    encodeMessage(17, 5, 2, Buffer.alloc(0)),
  ]);
  expect(
    decodeMessages(bytes).map(({ type, sequence, payload }) => [type, sequence, payload.length]),
  ).toEqual([
    [16, 1, 5],
    [17, 2, 0],
  ]);
});

test("attributes are padded to four bytes and read back without the padding", () => {
  const bytes = Buffer.concat([attribute(3, text("eth0")), attribute(4, u32(1400)), attribute(9, undefined)]);
  expect(bytes.length % 4).toBe(0);
  const found = decodeAttributes(bytes);
  expect(decodeText(found.get(3))).toBe("eth0");
  expect(found.get(4)?.readUInt32LE(0)).toBe(1400);
  expect(found.has(9)).toBe(false);
});

test("nested attributes keep their order, and their flag bit is no part of the type", () => {
  const bytes = nested(3, attribute(1, u32(7)), attribute(1, u32(8)));
  const [[type, inner] = [0, Buffer.alloc(0)]] = decodeAttributeList(bytes);
  expect(type).toBe(3);
  expect(decodeAttributeList(inner).map(([, value]) => value.readUInt32LE(0))).toEqual([7, 8]);
});

test("a length that points beyond the bytes is refused, not followed", () => {
  const message = encodeMessage(16, 0, 1, Buffer.alloc(4));
  message.writeUInt32LE(400, 0);
  expect(() => decodeMessages(message)).toThrow("claims 400 of 20 bytes");
  expect(() => decodeAttributes(Buffer.from([2, 0, 1, 0]))).toThrow("claims 2 of 4 bytes");
});
