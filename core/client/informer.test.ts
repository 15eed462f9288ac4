import { afterEach, describe, expect, it } from "vitest";

import { FakeClock, silentLogger } from "@berth/base";

import type { ApiObject, Informer } from "./contracts.ts";
import { FakeResource } from "./fake-resource.ts";
import { createInformer } from "./informer.ts";

const informers: Informer<ApiObject>[] = [];
afterEach(async () => {
  for (const informer of informers.splice(0)) await informer.dispose();
});

function object(name: string, resourceVersion: string, change: ApiObject["metadata"] = {}): ApiObject {
  return { metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion, ...change } };
}

function begin() {
  const server = new FakeResource();
  const clock = new FakeClock();
  const heard: string[] = [];
  const informer = createInformer<ApiObject>({
    name: "things",
    client: server.client,
    clock,
    logger: silentLogger,
    indexes: { label: ({ metadata }) => Object.values(metadata?.labels ?? {}) },
  });
  informers.push(informer);
  informer.onDidAdd(({ metadata }) => heard.push(`+${metadata?.name}`));
  informer.onDidUpdate(({ object: { metadata } }) => heard.push(`~${metadata?.name}`));
  informer.onDidDelete(({ metadata }) => heard.push(`-${metadata?.name}`));
  return { server, clock, heard, informer };
}

describe("an informer", () => {
  it("tells of the list, page by page, and is synced only after the last", async () => {
    const { server, heard, informer } = begin();
    server.pages = [
      { items: [object("a", "3")], resourceVersion: "5", continue: "next" },
      { items: [object("b", "4")], resourceVersion: "5" },
    ];
    expect(informer.hasSynced).toBe(false);
    informer.start();
    await informer.synced();
    expect(heard).toEqual(["+a", "+b"]);
    expect(server.lists[1]?.continue).toBe("next");
    expect(informer.list().map(({ metadata }) => metadata?.name)).toEqual(["a", "b"]);
  });

  it("follows changes from the list's revision on, and goes on from a bookmark when the watch ends", async () => {
    const { server, clock, heard, informer } = begin();
    server.pages = [{ items: [object("a", "3")], resourceVersion: "5" }];
    informer.start();
    await informer.synced();
    await clock.advance(0);
    const [watch] = server.watches;
    expect(watch?.options.resourceVersion).toBe("5");
    watch?.send({ type: "ADDED", object: object("b", "6") });
    watch?.send({ type: "MODIFIED", object: object("a", "7") });
    watch?.send({ type: "DELETED", object: object("b", "8") });
    watch?.send({ type: "BOOKMARK", resourceVersion: "20" });
    await clock.advance(1000);
    expect(heard).toEqual(["+a", "+b", "~a", "-b"]);
    watch?.end();
    await clock.advance(0);
    expect(server.watches[1]?.options.resourceVersion).toBe("20");
    expect(server.lists).toHaveLength(1);
  });

  it("lists anew when its revision is gone, and tells the difference only", async () => {
    const { server, clock, heard, informer } = begin();
    server.pages = [{ items: [object("a", "3"), object("b", "4")], resourceVersion: "5" }];
    informer.start();
    await informer.synced();
    await clock.advance(0);
    server.pages = [{ items: [object("b", "4"), object("c", "9")], resourceVersion: "9" }];
    server.watches[0]?.fail(410, "Expired");
    await clock.advance(1000);
    expect(heard).toEqual(["+a", "+b", "-a", "+c"]);
  });

  it("tells of an object that was deleted and made anew unseen as of two", async () => {
    const { server, clock, heard, informer } = begin();
    server.pages = [{ items: [object("a", "3")], resourceVersion: "5" }];
    informer.start();
    await informer.synced();
    await clock.advance(0);
    server.pages = [{ items: [object("a", "8", { uid: "other" })], resourceVersion: "9" }];
    server.watches[0]?.fail(410, "Expired");
    await clock.advance(1000);
    expect(heard).toEqual(["+a", "-a", "+a"]);
  });

  it("does not hammer a server whose watches end at once", async () => {
    const { server, clock, informer } = begin();
    informer.start();
    await informer.synced();
    for (let round = 0; round < 10; round++) {
      server.watches.at(-1)?.end();
      await clock.advance(100);
    }
    expect(server.watches.length).toBeLessThanOrEqual(4);
  });

  it("asks a server that lists and lets nobody watch ever less often", async () => {
    const { server, clock, informer } = begin();
    informer.start();
    await informer.synced();
    let refused = 0;
    for (let ms = 0; ms < 120_000; ms += 100) {
      await clock.advance(100);
      for (const watch of server.watches.slice(refused)) watch.fail(405, "MethodNotAllowed");
      refused = server.watches.length;
    }
    expect(server.lists.length).toBeGreaterThan(5);
    expect(server.lists.length).toBeLessThan(25);
  });

  it("finds objects by index, as they are now", async () => {
    const { server, clock, informer } = begin();
    server.pages = [{ items: [object("a", "3", { labels: { app: "web" } })], resourceVersion: "5" }];
    informer.start();
    await informer.synced();
    expect(informer.byIndex("label", "web")).toHaveLength(1);
    await clock.advance(0);
    server.watches[0]?.send({ type: "MODIFIED", object: object("a", "6", { labels: { app: "db" } }) });
    await clock.advance(0);
    expect(informer.byIndex("label", "web")).toEqual([]);
    expect(informer.byIndex("label", "db")).toHaveLength(1);
    expect(() => informer.byIndex("other", "x")).toThrow("there is no index other");
  });

  it("keeps only what it was asked to keep", async () => {
    const server = new FakeResource();
    server.pages = [{ items: [{ ...object("a", "3"), kind: "Thing" }], resourceVersion: "5" }];
    const informer = createInformer<ApiObject>({
      name: "things",
      client: server.client,
      clock: new FakeClock(),
      logger: silentLogger,
      keep: ({ metadata = {} }) => ({ metadata }),
    });
    informers.push(informer);
    informer.start();
    await informer.synced();
    expect(informer.list()).toEqual([object("a", "3")]);
  });

  it("keeps other listeners hearing when one fails", async () => {
    const { server, heard, informer } = begin();
    server.pages = [{ items: [object("a", "3")], resourceVersion: "5" }];
    informer.onDidAdd(() => {
      throw new Error("listener broke");
    });
    const late: string[] = [];
    informer.onDidAdd(({ metadata }) => late.push(metadata?.name ?? ""));
    informer.start();
    await informer.synced();
    expect([heard, late]).toEqual([["+a"], ["a"]]);
  });

  it("tells who waits for it that it was stopped", async () => {
    const { server, informer } = begin();
    server.client.list = () => new Promise(() => {});
    const waiting = informer.synced();
    await informer.dispose();
    await expect(waiting).rejects.toThrow("informer of things was stopped");
  });
});
