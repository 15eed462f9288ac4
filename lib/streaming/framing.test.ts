import { describe, expect, test } from "vitest";
import { frame, parseResize, statusOf } from "./channels.ts";
import { headerDictionary } from "./spdy/dictionary.ts";
import {
  controlFrame,
  dataFrame,
  decodeHeaders,
  encodeHeaders,
  frameType,
  numbers,
  takeFrame,
} from "./spdy/protocol.ts";

describe("channels", () => {
  test("a message begins with its channel", () => {
    expect([...frame(1, "ab")]).toEqual([1, 97, 98]);
  });

  test("an exit code travels as the cause of a failure", () => {
    expect(JSON.parse(statusOf({ exitCode: 3 }))).toMatchObject({
      status: "Failure",
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: "3" }] },
    });
    expect(JSON.parse(statusOf({ exitCode: 0 }))).toMatchObject({ status: "Success" });
  });

  test.each(["", "{}", '{"Width":0,"Height":2}', '{"Width":"80","Height":24}'])(
    "%s is no terminal size",
    (text) => {
      expect(parseResize(Buffer.from(text))).toBeUndefined();
    },
  );
});

describe("SPDY/3.1", () => {
  test("the header dictionary is the one both sides know", () => {
    let [a, b] = [1, 0];
    for (const byte of headerDictionary) [a, b] = [(a + byte) % 65521, (b + a + byte) % 65521];
    expect((b * 65536 + a).toString(16)).toBe("e3c6a7c2");
  });

  test("frames come out as they went in, however they are cut", () => {
    const bytes = Buffer.concat([
      controlFrame(frameType.ping, 0, numbers(7)),
      dataFrame(5, 1, Buffer.from("xyz")),
    ]);
    expect(takeFrame(bytes.subarray(0, 11))).toBeUndefined();
    const first = takeFrame(bytes)!;
    expect(first.frame).toMatchObject({ kind: "control", type: frameType.ping });
    expect(takeFrame(first.rest)!.frame).toMatchObject({
      kind: "data",
      streamId: 5,
      flags: 1,
      payload: Buffer.from("xyz"),
    });
  });

  test("a frame of another version or of a megabyte is refused", () => {
    expect(() => takeFrame(Buffer.from([0x80, 2, 0, 1, 0, 0, 0, 0]))).toThrow(/version 2/);
    expect(() => takeFrame(Buffer.from([0, 0, 0, 1, 0, 0xff, 0xff, 0xff]))).toThrow(/bytes/);
  });

  test("headers survive the way there and back", () => {
    const headers = { streamtype: "data", port: "80" };
    expect(decodeHeaders(encodeHeaders(headers))).toEqual(headers);
  });
});
