import type { Kind } from "../../core/api/index.ts";
import { mutated, pointers, randomObject } from "./random-object.ts";
import type { Random } from "./random.ts";

export interface Body {
  readonly bytes: Buffer;
  readonly contentType: string;
}

const json = "application/json";
const types = [
  ...[json, "application/yaml", "application/vnd.kubernetes.protobuf", "application/json; charset=utf-8"],
  ...[
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
  ],
  ...[
    "application/apply-patch+yaml",
    "text/plain",
    "",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "/",
    ";",
  ],
];

/** A body for a write of a kind: now and then a good one, mostly one that is wrong in one of many ways. */
export function randomBody(kind: Kind | undefined, method: string, random: Random): Body {
  const object = kind ? randomObject(kind, random) : { apiVersion: "v1", kind: "Thing" };
  const body =
    method === "PATCH" && random.chance(0.85) ? randomPatch(object, random) : plain(object, random);
  return random.chance(0.05) ? { ...body, contentType: random.pick(types) } : body;
}

function plain(object: object, random: Random): Body {
  const how = random.below(20);
  if (how < 8) return asJson(object);
  if (how < 12) return asJson(mutated(object, random, 1 + random.below(4)));
  const text = JSON.stringify(object);
  if (random.chance(0.03)) return random.chance(0.5) ? deep(random) : huge(random);
  const ways: (() => Body)[] = [
    () => ({ bytes: Buffer.from(text.slice(0, random.below(text.length))), contentType: json }),
    () => ({ bytes: flipped(Buffer.from(text), random), contentType: json }),
    () => ({ bytes: Buffer.from(text.replace("{", '{"kind":"x","kind":"y",')), contentType: json }),
    () => ({ bytes: protobuf(random), contentType: "application/vnd.kubernetes.protobuf" }),
    () => ({ bytes: random.bytes(random.below(200)), contentType: random.pick(types) }),
    () => ({ bytes: yaml(random), contentType: "application/yaml" }),
  ];
  return random.pick(ways)();
}

function asJson(value: unknown): Body {
  return { bytes: Buffer.from(JSON.stringify(value)), contentType: json };
}

function flipped(bytes: Buffer, random: Random): Buffer {
  for (let time = 0; time < 3; time++) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

function deep(random: Random): Body {
  const depth = random.pick([50, 500, 20_000, 200_000]);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ['{"spec":{"a":[', "]}}"],
  ] as const);
  const text = open.repeat(depth) + (random.chance(0.5) ? `1${close.repeat(depth)}` : "");
  return { bytes: Buffer.from(text), contentType: random.pick([json, "application/yaml"]) };
}

function huge(random: Random): Body {
  const size = random.pick([100_000, 1_000_000, 3_200_000]);
  const text = random.chance(0.5)
    ? `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"${"x".repeat(size)}"}}`
    : `{${'"a":1,'.repeat(size / 6)}"b":2}`;
  return { bytes: Buffer.from(text), contentType: random.pick([json, json, "application/yaml"]) };
}

/** The envelope with rubbish in it, or with lengths that lie. */
function protobuf(random: Random): Buffer {
  const magic = Buffer.from("k8s\0");
  const lies = [0x0a, 0x02, 0x0a, 0x00, 0x12, random.below(256), 0xff, 0xff, 0xff, 0xff, 0x7f];
  return Buffer.concat([
    magic,
    random.chance(0.5) ? Buffer.from(lies) : Buffer.alloc(0),
    random.bytes(random.below(80)),
  ]);
}

function yaml(random: Random): Buffer {
  return Buffer.from(
    random.pick([
      "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c]\n",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: !!binary Zg==}\n",
      "? [a, b]\n: c\n",
      "a: b: c",
      "--- a\n--- b\n",
      "%TAG ! x\n---\n",
      "\t- a",
      "&a *a",
      "&a [*a]",
    ]),
  );
}

function randomPatch(object: object, random: Random): Body {
  switch (random.below(4)) {
    case 0:
      return { ...asJson(jsonPatch(object, random)), contentType: "application/json-patch+json" };
    case 1:
      return { ...asJson(mutated(object, random, 2)), contentType: "application/merge-patch+json" };
    case 2:
      return {
        ...asJson(withDirectives(mutated(object, random, 1), random)),
        contentType: "application/strategic-merge-patch+json",
      };
    default:
      return {
        ...asJson(mutated(object, random, random.below(2))),
        contentType: "application/apply-patch+yaml",
      };
  }
}

function jsonPatch(object: object, random: Random): unknown {
  const paths = [
    ...pointers(object),
    "/a/b/c",
    "",
    "a",
    "/~2",
    "/metadata/-",
    "/__proto__/x",
    "/metadata/labels/0/-1",
  ];
  const steps = Array.from({ length: random.below(5) }, () => ({
    op: random.pick(["add", "remove", "replace", "move", "copy", "test", "burn", ""]),
    path: random.pick(paths),
    ...(random.chance(0.5) ? { from: random.pick(paths) } : {}),
    ...(random.chance(0.8) ? { value: random.pick([1, "x", null, {}, [], object]) } : {}),
  }));
  return random.chance(0.9) ? steps : random.pick([{}, null, [null], [[]], "x", 1]);
}

function withDirectives(value: unknown, random: Random): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item) => withDirectives(item, random));
    return random.chance(0.2)
      ? [...items, { $patch: random.pick(["replace", "delete", "merge", "x", 1]) }]
      : items;
  }
  const object: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    object[key] = withDirectives(member, random);
    if (random.chance(0.05))
      object[`$setElementOrder/${key}`] = random.pick([[], ["a"], [{ name: "a" }], {}, 1, null]);
    if (random.chance(0.05))
      object[`$deleteFromPrimitiveList/${key}`] = random.pick([[], ["a"], [1], {}, null]);
    if (random.chance(0.03)) object["$retainKeys"] = random.pick([[], [key], [1], "x", null]);
    if (random.chance(0.03)) object["$patch"] = random.pick(["replace", "delete", "merge", "x", 1, null]);
  }
  return object;
}
