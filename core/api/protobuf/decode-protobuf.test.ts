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

  test.each([
    ["without the prefix", new Uint8Array([1, 2, 3, 4]), "prefix k8s"],
    ["cut short", envelope("v1", "Pod", message(1, text(1, "p"))).slice(0, 20), "ends in the middle"],
    ["of a kind nobody knows", envelope("example.com/v1", "Foo"), 'kind "Foo" of "example.com/v1"'],
    ["with a wrong wire type", envelope("v1", "Pod", number(1, 3)), "wire type 0"],
    ["with text that is no UTF-8", envelope("v1", "Pod", message(1, message(1, [0xff]))), "not UTF-8"],
  ])("%s is refused with the reason", (_, body, sentence) => {
    expect(() => decodeProtobuf(body)).toThrow(sentence);
  });
});
