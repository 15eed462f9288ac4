import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { silentLogger, systemClock } from "@berth/base";
import type { ConfigMap } from "../../core/api/index.ts";
import {
  type ApiClient,
  ApiError,
  createInformer,
  type ResourceClient,
  waitFor,
  type WatchEvent,
} from "../../core/client/index.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";

const configMaps = { group: "", version: "v1", resource: "configmaps", namespaced: true };
const namespace = "default";

/** The first `count` events, bookmarks left out, as "TYPE name". */
async function take(events: AsyncIterable<WatchEvent<ConfigMap>>, count: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of events) {
    if (event.type === "BOOKMARK") continue;
    seen.push(`${event.type} ${event.object.metadata.name}`);
    if (seen.length === count) break;
  }
  return seen;
}

describe.each(["in-process", "https"] as const)("watches over %s", (transport) => {
  let api: TestApiServer;
  let client: ApiClient;
  let maps: ResourceClient<ConfigMap>;

  beforeAll(async () => {
    api = await startTestApiServer();
    client = await api.client(transport);
    maps = client.resource<ConfigMap>(configMaps);
  });

  afterAll(() => api.dispose());

  async function make(name: string, labels: Record<string, string> = {}): Promise<ConfigMap> {
    const object: ConfigMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels } };
    return await maps.create(object, { namespace });
  }

  test("a watch from a revision shows every later change once, in order, and no earlier one", async () => {
    const before = await make("earlier");
    const stop = new AbortController();
    const watch = maps.watch({
      namespace,
      resourceVersion: before.metadata.resourceVersion!,
      signal: stop.signal,
    });
    await make("one");
    await maps.patch("one", "merge", { data: { a: "1" } }, { namespace });
    await maps.delete("one", { namespace });
    expect(await take(watch, 3)).toEqual(["ADDED one", "MODIFIED one", "DELETED one"]);
    stop.abort();
  });

  test("an object that stops matching the selector leaves as DELETED and comes back as ADDED", async () => {
    const start = await make("moving", { color: "red" });
    const watch = maps.watch({
      namespace,
      labelSelector: "color=red",
      resourceVersion: start.metadata.resourceVersion!,
    });
    const paint = (color: string): Promise<ConfigMap> =>
      maps.patch("moving", "merge", { metadata: { labels: { color } } }, { namespace });
    await paint("blue");
    await paint("green");
    await paint("red");
    expect(await take(watch, 2)).toEqual(["DELETED moving", "ADDED moving"]);
  });

  test("a watch from a revision that is no longer kept is refused with 410", async () => {
    const early = await make("compacted-away");
    await make("after-compaction");
    await api.store.compact(await api.store.currentRevision());
    const restarted = await startTestApiServer({ store: api.store });
    try {
      const again = (await restarted.client(transport)).resource<ConfigMap>(configMaps);
      const failure = take(again.watch({ namespace, resourceVersion: early.metadata.resourceVersion! }), 1);
      await expect(failure).rejects.toMatchObject({ code: 410, reason: "Expired" });
    } finally {
      await restarted.dispose();
    }
  });

  test("a watch that a restart cut off goes on where it was", async () => {
    const before = await make("before-restart");
    await make("unseen");
    await maps.delete("unseen", { namespace });
    const restarted = await startTestApiServer({ store: api.store });
    try {
      const again = (await restarted.client(transport)).resource<ConfigMap>(configMaps);
      const { resourceVersion } = before.metadata;
      const watch = again.watch({ namespace, resourceVersion: resourceVersion! });
      expect(await take(watch, 2)).toEqual(["ADDED unseen", "DELETED unseen"]);
    } finally {
      await restarted.dispose();
    }
  });

  test("an informer follows changes and finds objects by index", async () => {
    const informer = createInformer<ConfigMap>({
      name: "configmaps",
      client: maps,
      clock: systemClock,
      logger: silentLogger,
      namespace,
      indexes: { color: (object) => [object.metadata.labels?.["color"] ?? "none"] },
    });
    informer.start();
    try {
      await informer.synced();
      const heard = new Promise<string>((resolve) => {
        informer.onDidAdd((object) => {
          if (object.metadata.name === "indexed") resolve(object.metadata.name);
        });
      });
      await make("indexed", { color: "violet" });
      await heard;
      expect(informer.byIndex("color", "violet").map((one) => one.metadata.name)).toEqual(["indexed"]);
      expect(Object.isFrozen(informer.get("indexed", namespace))).toBe(true);
    } finally {
      await informer.dispose();
    }
  });

  test("waiting for an object ends with the change that was waited for", async () => {
    await make("awaited");
    const waiting = waitFor(maps, "awaited", (object) => object?.data?.["done"] === "yes", { namespace });
    await maps.patch("awaited", "merge", { data: { done: "yes" } }, { namespace });
    expect((await waiting)?.data).toEqual({ done: "yes" });
  });

  test("errors arrive as ApiError with the server's reason", async () => {
    await expect(maps.get("missing", { namespace })).rejects.toSatisfy((error) =>
      ApiError.is(error, "NotFound"),
    );
  });
});
