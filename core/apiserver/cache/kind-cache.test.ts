import { describe, expect, it } from "vitest";
import type { StoredItem } from "../../store/store.ts";
import type { FrameForm, WatchEventType } from "./cache-event.ts";
import { KindCache } from "./kind-cache.ts";

function item(name: string, revision: number, labels: Record<string, string> = {}): StoredItem {
  const value = Buffer.from(JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name, labels } }));
  return { key: `/core/pods/${name}`, value, createRevision: revision, modRevision: revision };
}

const names = (cache: KindCache, namespace = "", after = ""): string[] =>
  [...cache.objects(namespace, after)].map((one) => `${one.namespace}/${one.name}`);

describe("KindCache", () => {
  it("puts the revision into the bytes, first in the metadata", () => {
    const cache = new KindCache("/core/pods/", 0);
    cache.put(item("a/web", 7));
    const bytes = cache.get("/core/pods/a/web")!.bytes.toString();
    expect(bytes).toBe(
      '{"apiVersion":"v1","kind":"Pod","metadata":{"resourceVersion":"7","name":"a/web","labels":{}}}',
    );
  });

  it("walks in the order of the store's keys, across namespaces whose names begin alike", () => {
    const cache = new KindCache("/core/pods/", 0);
    const keys = ["a/z", "a-b/y", "a/b", "b/a", "a.c/q"];
    keys.forEach((key, index) => cache.put(item(key, index + 1)));
    expect(names(cache)).toEqual(keys.toSorted());
    expect(names(cache, "", "/core/pods/a.c/q")).toEqual(["a/b", "a/z", "b/a"]);
    expect(names(cache, "a")).toEqual(["a/b", "a/z"]);
  });

  it("forgets what was deleted and finds what was made again, once", () => {
    const cache = new KindCache("/core/pods/", 0);
    cache.put(item("a/one", 1));
    cache.put(item("a/two", 2));
    expect(names(cache)).toHaveLength(2);
    cache.remove("/core/pods/a/one", 3);
    cache.put(item("a/one", 4));
    expect(names(cache)).toEqual(["a/one", "a/two"]);
    cache.remove("/core/pods/a/one", 5);
    cache.remove("/core/pods/a/two", 6);
    expect(names(cache)).toEqual([]);
    expect(cache.count("a")).toBe(0);
  });

  it("tells of a deletion with the last state under the deletion's revision", () => {
    const cache = new KindCache("/core/pods/", 0);
    cache.put(item("a/one", 1, { color: "red" }));
    const event = cache.remove("/core/pods/a/one", 9)!;
    expect(event.deleted).toBe(true);
    expect(JSON.parse(event.object.bytes.toString())).toMatchObject({
      metadata: { resourceVersion: "9", labels: { color: "red" } },
    });
  });

  it("makes the bytes of an event once for all readers of one form", () => {
    const cache = new KindCache("/core/pods/", 0);
    const event = cache.put(item("a/one", 1));
    let made = 0;
    const make = (): Buffer => Buffer.from(`frame ${++made}`);
    const form = (as: string, more: object = {}): FrameForm => ({
      form: { as, version: "v1" },
      includeObject: "Metadata",
      ...more,
    });
    const frame = (wanted: FrameForm, type: WatchEventType = "ADDED", kind = "v1.Pod"): string =>
      event.frame(type, kind, wanted, make).toString();
    expect(frame(form("object"))).toBe("frame 1");
    expect(frame(form("object"))).toBe("frame 1");
    const others = [
      frame(form("table")),
      frame(form("table", { withoutColumns: true })),
      frame(form("table", { includeObject: "None" })),
      frame({ ...form("table"), form: { as: "table", version: "v1beta1" } }),
      frame(form("object"), "MODIFIED"),
      frame(form("object"), "ADDED", "v2.Pod"),
    ];
    expect(new Set(others).size).toBe(others.length);
    expect(made).toBe(others.length + 1);
  });
});
