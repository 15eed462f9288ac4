import type { EtcdEvent, EtcdKeyValue } from "@berth/etcd";
import { expect, it } from "vitest";
import { EtcdKeys } from "./etcd-keys.ts";
import { eventOf } from "./etcd-requests.ts";

const keys = new EtcdKeys("/berth");
const offset = 100;

function kv(name: string, revision: number, version: number, value = ""): EtcdKeyValue {
  return {
    key: Buffer.from(name),
    value: Buffer.from(value),
    create_revision: "3",
    mod_revision: `${revision}`,
    version: `${version}`,
    lease: "0",
  };
}

const event = (type: "PUT" | "DELETE", now: EtcdKeyValue, before: EtcdKeyValue | null = null): unknown =>
  eventOf(keys, offset, { type, kv: now, prev_kv: before } satisfies EtcdEvent);

it("tells changes with what stood before, at revisions of the store", () => {
  const first = kv("/berth/k/a", 3, 1, "one");
  const second = kv("/berth/k/a", 5, 2, "two");
  expect(event("PUT", first)).toMatchObject({ type: "put", revision: 103, key: "/a", previous: undefined });
  expect(event("PUT", second, first)).toMatchObject({
    revision: 105,
    item: { createRevision: 103, modRevision: 105 },
    previous: { modRevision: 103, value: Buffer.from("one") },
  });
  expect(event("DELETE", kv("/berth/k/a", 7, 0), second)).toMatchObject({
    type: "delete",
    revision: 107,
    previous: { modRevision: 105, value: Buffer.from("two") },
  });
});

it("takes no change for a first one, and leaves no deletion out, where compaction took what stood before", () => {
  expect(event("PUT", kv("/berth/k/a", 5, 2))).toBe("cut");
  expect(event("DELETE", kv("/berth/k/a", 7, 0))).toBe("cut");
});

it("keeps its own keys to itself", () => {
  for (const name of ["/berth/meta", "/berth/mark", "/berthed/k/a"])
    expect(event("PUT", kv(name, 5, 2))).toBe("hidden");
});
