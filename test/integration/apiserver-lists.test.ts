import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DisposableStack, systemClock } from "@berth/base";
import { openEtcdStore } from "../../core/store/etcd/etcd-store.ts";
import { openSqliteStore } from "../../core/store/sqlite-store.ts";
import type { Store } from "../../core/store/store.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";
import { EtcdProcess, haveEtcd } from "../support/etcd/etcd-process.ts";
import {
  forbidden,
  gets,
  lists,
  type Refused,
  type Stage,
  streamed,
  watches,
  wrong,
} from "../support/list-table.ts";
import { Wire, type WireEvent, type WireObject } from "../support/wire.ts";

if (!haveEtcd) console.warn("SKIPPED: lists on etcd: there is no /usr/bin/etcd");

const backends: [name: string, open: (stack: DisposableStack) => Promise<Store>][] = [
  [
    "SQLite",
    async (stack) => {
      const folder = temporary(stack);
      return openSqliteStore({ path: join(folder, "store.db"), clock: systemClock });
    },
  ],
  ...(haveEtcd
    ? ([
        [
          "etcd",
          async (stack) => {
            const etcd = await EtcdProcess.prepare(temporary(stack));
            stack.defer("etcd", () => etcd.kill());
            await etcd.start();
            return openEtcdStore({ servers: [etcd.server] });
          },
        ],
      ] satisfies [string, (stack: DisposableStack) => Promise<Store>][])
    : []),
];

const namesOf = ({ items }: WireObject): string[] => items.map(({ metadata }) => metadata.name);

function temporary(stack: DisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), "berth-lists-"));
  stack.defer(folder, () => rmSync(folder, { recursive: true }));
  return folder;
}

describe.each(backends)("lists and watches on %s", (_, open) => {
  const stack = new DisposableStack("test");
  const maps = "/api/v1/namespaces/stage/configmaps";
  let api: TestApiServer;
  let wire: Wire;
  let stage: Stage;

  beforeAll(async () => {
    const store = await open(stack);
    stack.defer("store", () => store.close());
    const settings = { sharedStore: true };
    const first = await startTestApiServer({ store, settings });
    wire = await Wire.as(first.server.port, first.kubeconfig);
    await wire.ask("POST", "/api/v1/namespaces", { body: { metadata: { name: "stage" } } });
    const compacted = await make("a");
    await make("z");
    await make("y");
    const staleToken = (await wire.get(`${maps}?limit=1`)).body.metadata.continue!;
    for (const name of ["z", "y"]) await wire.ask("DELETE", `${maps}/${name}`);
    await make("e");
    await store.compact(await store.currentRevision());
    // Another server knows no more of the past than the store does.
    await first.dispose();
    api = await startTestApiServer({ store, settings });
    stack.defer("API server", () => api.dispose());
    wire = await Wire.as(api.server.port, api.kubeconfig);
    await make("c");
    const old = await make("d", { even: "yes" });
    const now = await make("b", { even: "yes" });
    const token = (await wire.get(`${maps}?limit=2`)).body.metadata.continue!;
    stage = { old, now, compacted, token, staleToken };
  });

  afterAll(() => stack.dispose());

  async function make(name: string, labels: Record<string, string> = {}): Promise<string> {
    const { code, body } = await wire.ask("POST", maps, { body: { metadata: { name, labels } } });
    expect(code).toBe(201);
    return body.metadata.resourceVersion;
  }

  const filled = (query: string): string =>
    query.replaceAll(/\{(\w+)\}/g, (__, name) => stage[name as keyof Stage]);

  const refusal = ({ kind, code, reason, message }: WireObject): Refused & { kind: string } => ({
    kind,
    code,
    reason,
    message,
  });

  function seenList({ code, body }: { code: number; body: WireObject }): object {
    if (code !== 200) return { ...refusal(body), head: code };
    const { resourceVersion, remainingItemCount } = body.metadata;
    return {
      kind: body.kind,
      names: namesOf(body).join(" "),
      at: Object.keys(stage).find((name) => stage[name as keyof Stage] === resourceVersion),
      remaining: remainingItemCount,
      more: body.metadata.continue !== undefined,
    };
  }

  test.each(lists)("list?%s", async (query, expected) => {
    const seen = seenList(await wire.get(`${maps}?${filled(query)}`));
    const form =
      "code" in expected
        ? { kind: "Status", head: expected.code }
        : { kind: "ConfigMapList", remaining: undefined };
    expect(seen).toMatchObject({ ...form, ...expected });
  });

  function seenEvent({ type, object }: WireEvent): unknown {
    if (type === "ERROR") return { error: refusal(object) };
    if (type !== "BOOKMARK") return `${type} ${object.metadata.name}`;
    return object.metadata.annotations?.["k8s.io/initial-events-end"] === "true" ? "END" : "BOOKMARK";
  }

  test.concurrent.each(watches)("watch?%s", async (query, expected) => {
    const options = `timeoutSeconds=1&watch=true${query === "" ? "" : "&"}${filled(query)}`;
    const watch = await wire.watch(`${maps}?${options}`);
    const type = watch.headers["content-type"];
    const events = (await watch.rest()).map((event) =>
      watch.code === 200 ? seenEvent(event) : refusal(event as unknown as WireObject),
    );
    const seen = events.every((one) => typeof one === "string") ? events.join(",") : events[0];
    expect({ type, seen }).toMatchObject({ type: "application/json", seen: expected });
  });

  test("the bookmark after the present is not older than anything in it", async () => {
    const watch = await wire.watch(`${maps}?watch=1&sendInitialEvents=true&timeoutSeconds=1&${streamed}`);
    const events = await watch.rest();
    const end = events.findIndex((event) => seenEvent(event) === "END");
    const before = events.slice(0, end).map(({ object }) => Number(object.metadata.resourceVersion));
    expect(before).toHaveLength(5);
    expect(Number(events[end]!.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(Math.max(...before));
  });

  test("a watch from a revision that is yet to come waits for it, and tells what comes after it alone", async () => {
    await wire.ask("POST", "/api/v1/namespaces", { body: { metadata: { name: "later" } } });
    const later = "/api/v1/namespaces/later/configmaps";
    const make = async (name: string): Promise<number> => {
      const { body } = await wire.ask("POST", later, { body: { metadata: { name } } });
      return Number(body.metadata.resourceVersion);
    };
    const from = (await make("now")) + 3;
    const watch = await wire.watch(`${later}?watch=1&resourceVersion=${from}&timeoutSeconds=2`);
    expect(watch.code).toBe(200);
    const made = new Map<string, number>();
    for (const name of ["a", "b", "c", "d", "e"]) made.set(name, await make(name));
    const seen = (await watch.rest()).map(({ object }) => object.metadata.name);
    expect(seen).toEqual([...made].filter(([, revision]) => revision > from).map(([name]) => name));
    expect(seen).toContain("e");
    expect(seen).not.toContain("a");
  });

  test.each(gets)("get%s answers %i", async (query, code) => {
    expect((await wire.get(`${maps}/a${filled(query)}`)).code).toBe(code);
  });

  test("a revision that is yet to come is worth another try, and says why", async () => {
    const answer = await wire.get(`${maps}/a?resourceVersion=999999999`);
    expect(answer.headers["retry-after"]).toBe("1");
    expect(answer.body.details).toEqual({
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    });
  });

  test("what does not go together is named by field, as a fault of the options", async () => {
    const { body } = await wire.get(`${maps}?resourceVersionMatch=Exact`);
    expect(body.details).toEqual({
      group: "meta.k8s.io",
      kind: "ListOptions",
      causes: [
        {
          reason: "FieldValueForbidden",
          message: "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
          field: "resourceVersionMatch",
        },
      ],
    });
  });

  test("an expired token comes with one that shows the remainder as it is now, page by page", async () => {
    const { code, body } = await wire.get(`${maps}?continue=${stage.staleToken}&limit=1`);
    expect(code).toBe(410);
    let token = body.metadata.continue;
    const seen: string[] = [];
    while (token) {
      const page = await wire.get(`${maps}?continue=${token}&limit=2`);
      expect(page.code).toBe(200);
      expect(Number(page.body.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(stage.now));
      seen.push(...namesOf(page.body));
      token = page.body.metadata.continue;
    }
    expect(seen).toEqual(["b", "c", "d", "e"]);
  });

  test("a token goes on after the same name in another namespace, and shows nothing from its own", async () => {
    const other = "/api/v1/namespaces/default/configmaps";
    const { code, body } = await wire.get(`${other}?continue=${stage.token}`);
    expect(code).toBe(200);
    expect(JSON.stringify(body.items)).not.toContain('"namespace":"stage"');
  });

  test("a collection is deleted by the same options as it is listed, and says what was deleted", async () => {
    const path = "/api/v1/namespaces/stage/secrets";
    for (const name of ["p", "q", "r"]) await wire.ask("POST", path, { body: { metadata: { name } } });
    const refused = await wire.ask("DELETE", `${path}?resourceVersionMatch=Exact`);
    expect(refusal(refused.body)).toMatchObject(
      wrong(`${forbidden} is forbidden unless resourceVersion is provided`),
    );
    expect((await wire.ask("DELETE", `${path}?resourceVersion=999999999`)).code).toBe(504);
    expect((await wire.ask("DELETE", `${path}?continue=AAAA`)).code).toBe(400);
    const some = await wire.ask("DELETE", `${path}?fieldSelector=metadata.name%21%3Dq`);
    expect(some.body).toMatchObject({
      kind: "SecretList",
      items: [{ metadata: { name: "p" } }, { metadata: { name: "r" } }],
    });
    expect((await wire.get(path)).body.items).toHaveLength(1);
  });

  test("an object that enters a selector is ADDED, one that leaves it DELETED as it was, under the new revision", async () => {
    const pods = "/api/v1/namespaces/stage/pods";
    const spec = { containers: [{ name: "c", image: "i" }], serviceAccountName: "default" };
    await wire.ask("POST", "/api/v1/namespaces/stage/serviceaccounts", {
      body: { metadata: { name: "default" } },
    });
    const made = await wire.ask("POST", pods, {
      body: { metadata: { name: "p", labels: { v: "1" } }, spec },
    });
    expect(made.code).toBe(201);
    const from = made.body.metadata.resourceVersion;
    const byField = await wire.watch(
      `${pods}?watch=1&fieldSelector=status.phase%3DRunning&resourceVersion=${from}`,
    );
    const byLabel = await wire.watch(`${pods}?watch=1&labelSelector=v%3D1&resourceVersion=${from}`);
    const merge = { "content-type": "application/merge-patch+json" };
    const phase = async (to: string): Promise<string> => {
      const body = { status: { phase: to } };
      const answer = await wire.ask("PATCH", `${pods}/p/status`, { body, headers: merge });
      return answer.body.metadata.resourceVersion;
    };
    const entered = await phase("Running");
    const left = await phase("Failed");
    const relabelled = await wire.ask("PATCH", `${pods}/p`, {
      body: { metadata: { labels: { v: "2" } } },
      headers: merge,
    });
    expect(await byField.next()).toMatchObject({
      type: "ADDED",
      object: { status: { phase: "Running" }, metadata: { resourceVersion: entered } },
    });
    expect(await byField.next()).toMatchObject({
      type: "DELETED",
      object: { status: { phase: "Running" }, metadata: { resourceVersion: left } },
    });
    expect(await byLabel.next()).toMatchObject({
      type: "MODIFIED",
      object: { status: { phase: "Running" } },
    });
    expect(await byLabel.next()).toMatchObject({ type: "MODIFIED", object: { status: { phase: "Failed" } } });
    expect(await byLabel.next()).toMatchObject({
      type: "DELETED",
      object: {
        metadata: { labels: { v: "1" }, resourceVersion: relabelled.body.metadata.resourceVersion },
      },
    });
    byField.close();
    byLabel.close();
  });
});
