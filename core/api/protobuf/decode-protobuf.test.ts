import { describe, expect, test } from "vitest";
import { kinds } from "../kinds/kinds.ts";
import { decodeObject } from "../objects/decode-object.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";

type Part = number[];

const utf8 = new TextEncoder();
const varint = (value: number | bigint): Part => {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: Part = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
};
const number = (field: number, value: number | bigint): Part => [...varint(field << 3), ...varint(value)];
const text = (field: number, value: string): Part => message(field, [...utf8.encode(value)]);
const message = (field: number, ...parts: Part[]): Part => {
  const body = parts.flat();
  return [...varint((field << 3) | 2), ...varint(body.length), ...body];
};
const envelope = (apiVersion: string, kind: string, ...parts: Part[]): Uint8Array =>
  new Uint8Array([
    ...[0x6b, 0x38, 0x73, 0],
    ...message(1, text(1, apiVersion), text(2, kind)),
    ...message(2, ...parts),
    ...text(3, ""),
    ...text(4, ""),
  ]);

describe("a protobuf body", () => {
  test("becomes the JSON of its type, maps, lists, quantities and unions included", () => {
    const quantity = message(1, text(1, "cpu"), message(2, text(1, "500m")));
    const container = [
      text(1, "main"),
      text(2, "busybox"),
      text(3, "sleep"),
      text(3, "1h"),
      message(6, text(1, "web"), number(2, 0), number(3, 80)),
      message(8, quantity),
      message(
        10,
        message(1, message(2, text(1, "/"), message(2, number(1, 1), number(2, 0), text(3, "web")))),
        number(2, 5),
      ),
    ];
    const body = envelope(
      "v1",
      "Pod",
      message(1, text(1, "p"), text(3, "default"), message(8), message(11, text(1, "app"), text(2, "web"))),
      message(2, message(1, text(1, "data"), message(2, message(2, text(1, ""))))),
      message(2, message(2, ...container), number(4, 30n), text(10, ""), number(11, 0)),
    );
    const { object } = decodeObject(
      kinds.byResource("", "v1", "pods")!,
      { value: decodeProtobuf(body) },
      "Strict",
    );
    expect(object).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", namespace: "default", labels: { app: "web" } },
      spec: {
        containers: [
          {
            name: "main",
            image: "busybox",
            command: ["sleep", "1h"],
            ports: [{ name: "web", containerPort: 80 }],
            resources: { limits: { cpu: "500m" } },
            livenessProbe: { httpGet: { path: "/", port: "web" }, initialDelaySeconds: 5 },
          },
        ],
        terminationGracePeriodSeconds: 30,
      },
    });
  });

  test("keeps a pointer's zero and drops a plain one", () => {
    const body = envelope("apps/v1", "Deployment", message(2, number(1, 0), number(5, 0)));
    const kind = kinds.byResource("apps", "v1", "deployments")!;
    expect(decodeObject(kind, { value: decodeProtobuf(body) }).object["spec"]).toEqual({ replicas: 0 });
  });

  test("keeps numbers beyond 2^53 and negative ones", () => {
    const body = envelope("v1", "DeleteOptions", number(1, 9007199254740993n), message(2, text(1, "u")));
    expect(JSON.stringify(decodeProtobuf(body))).toBe(
      '{"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":9007199254740993,"preconditions":{"uid":"u"}}',
    );
    expect(decodeProtobuf(envelope("v1", "DeleteOptions", number(1, -1n)))["gracePeriodSeconds"]).toBe(-1);
  });

  test("gives bytes as base64 and times in RFC 3339", () => {
    const body = envelope(
      "v1",
      "Secret",
      message(1, message(8, number(1, 1_767_225_600))),
      message(2, text(1, "k"), text(2, "hi")),
    );
    expect(decodeProtobuf(body)).toMatchObject({
      metadata: { creationTimestamp: "2026-01-01T00:00:00Z" },
      data: { k: "aGk=" },
    });
  });

  test("keeps what is below zero in 32 bits, and numbers that come packed", () => {
    const port = message(2, message(6, number(3, -1)));
    const groups = message(14, message(4, varint(1), varint(300)));
    expect(decodeProtobuf(envelope("v1", "Pod", message(2, port, groups)))["spec"]).toEqual({
      containers: [{ ports: [{ containerPort: -1 }] }],
      securityContext: { supplementalGroups: [1, 300] },
    });
  });

  test("gives the millionths of a second, and nothing for the time that is none", () => {
    const lease = (...renewTime: Part[]): unknown =>
      decodeProtobuf(envelope("coordination.k8s.io/v1", "Lease", message(2, message(4, ...renewTime))))[
        "spec"
      ];
    expect(lease(number(1, 1_767_225_600), number(2, 1000))).toEqual({
      renewTime: "2026-01-01T00:00:00.000001Z",
    });
    expect(lease(number(1, -62_135_596_800n))).toEqual({ renewTime: null });
  });

  test("passes over fields that a newer client knows", () => {
    const newer = [number(99, 1), text(98, "x"), [...varint((97 << 3) | 1), ...Array<number>(8).fill(1)]];
    const short = [...varint((96 << 3) | 5), 1, 2, 3, 4];
    const body = envelope("v1", "Pod", ...newer, short, message(1, text(1, "p")));
    expect(decodeProtobuf(body)).toEqual({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" } });
  });

  test("may hold JSON, and says so", () => {
    const json = text(2, '{"kind":"Pod","apiVersion":"v1"}');
    const body = [0x6b, 0x38, 0x73, 0, ...json, ...text(4, "application/json")];
    expect(decodeProtobuf(new Uint8Array(body))).toEqual({ kind: "Pod", apiVersion: "v1" });
  });

  test("is refused when it is larger or deeper than anybody needs", () => {
    const small = envelope("v1", "Pod");
    expect(() => decodeProtobuf(small, small.length - 1)).toThrow(`at most ${small.length - 1} are taken`);
    expect(decodeProtobuf(small, small.length)).toEqual({ apiVersion: "v1", kind: "Pod" });
    const revision = (depth: number): Uint8Array =>
      envelope(
        "apps/v1",
        "ControllerRevision",
        ...(depth === 0 ? [] : [message(2, message(1, [...revision(depth - 1)]))]),
      );
    expect(() => decodeProtobuf(revision(20))).not.toThrow();
    expect(() => decodeProtobuf(revision(110))).toThrow("messages nest more than 100 deep");
  });

  const time = (seconds: bigint): Uint8Array =>
    envelope("v1", "Pod", message(1, message(8, number(1, seconds))));

  test.each([
    ["without the prefix", new Uint8Array([1, 2, 3, 4]), "prefix k8s"],
    ["cut short", envelope("v1", "Pod", message(1, text(1, "p"))).slice(0, 20), "ends in the middle"],
    ["of a kind nobody knows", envelope("example.com/v1", "Foo"), 'kind "Foo" of "example.com/v1"'],
    ["with a wrong wire type", envelope("v1", "Pod", number(1, 3)), "wire type 0"],
    ["with text that is no UTF-8", envelope("v1", "Pod", message(1, message(1, [0xff]))), "not UTF-8"],
    [
      "with a number that never ends",
      envelope("v1", "Pod", [...varint(99 << 3), ...Array<number>(11).fill(255)]),
      "ten bytes",
    ],
    ["with a group", envelope("v1", "Pod", varint((99 << 3) | 3)), "wire type 3 is not supported"],
    ["with a year beyond 9999", time(253_402_300_800n), "out of range"],
    ["with a year before the first", time(-62_135_596_801n), "out of range"],
    [
      "with an encoding",
      new Uint8Array([0x6b, 0x38, 0x73, 0, ...message(2), ...text(3, "gzip")]),
      'encoded as "gzip"',
    ],
  ])("%s is refused with the reason", (_, body, sentence) => {
    expect(() => decodeProtobuf(body)).toThrow(sentence);
  });
});
