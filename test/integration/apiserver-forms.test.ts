import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { kinds } from "../../core/api/index.ts";
import { readKubeconfig } from "../../core/client/index.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";
import { Wire, type WireEvent, type WireObject } from "../support/wire.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const table = "application/json;as=Table;v=v1;g=meta.k8s.io";
const partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
const partialList = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

let api: TestApiServer;
let wire: Wire;

beforeAll(async () => {
  api = await startTestApiServer();
  wire = await Wire.as(api.server.port, api.kubeconfig);
  for (const name of ["one", "two"])
    await wire.ask("POST", maps, { body: { metadata: { name }, data: { k: "v" } } });
});

afterAll(() => api.dispose());

const rows = (body: WireObject): unknown[] => body.rows.map((row) => row.cells[0]);

test("a list as a table has columns, rows and the list's own metadata, and rows carry what was asked for", async () => {
  const plain = await wire.get(`${maps}?fieldSelector=metadata.name%3Done`, { accept: table });
  expect(plain.headers["content-type"]).toBe("application/json");
  expect(plain.body).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
  expect(plain.body.columnDefinitions.map((one) => one.name)).toEqual(["Name", "Data", "Age"]);
  expect(rows(plain.body)).toEqual(["one"]);
  expect(Number(plain.body.metadata.resourceVersion)).toBeGreaterThan(0);
  const objectOf = async (query: string): Promise<WireObject | undefined> =>
    (await wire.get(`${maps}?fieldSelector=metadata.name%3Done${query}`, { accept: table })).body.rows[0]
      ?.object;
  expect(await objectOf("")).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "one" } });
  expect((await objectOf(""))?.data).toBeUndefined();
  expect(await objectOf("&includeObject=Metadata")).toMatchObject({ kind: "PartialObjectMetadata" });
  expect(await objectOf("&includeObject=Object")).toMatchObject({ kind: "ConfigMap", data: { k: "v" } });
  expect(await objectOf("&includeObject=None")).toBeNull();
  const refused = await wire.get(`${maps}?includeObject=Some`, { accept: table });
  expect(refused.body).toMatchObject({
    code: 400,
    message:
      "Unable to convert to Table as requested: includeObject: Invalid value: \"Some\": must be 'Metadata', 'Object', 'None', or empty",
  });
  expect((await wire.get(`${maps}?includeObject=Some`)).code).toBe(200);
});

test("of what nobody keeps there is no table, unless the client takes it as it is, too", async () => {
  const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const body = { spec: { nonResourceAttributes: { path: "/", verb: "get" } } };
  expect((await wire.ask("POST", path, { body, headers: { accept: table } })).code).toBe(406);
  const plain = await wire.ask("POST", path, { body, headers: { accept: `${table},application/json` } });
  expect(plain.body).toMatchObject({ kind: "SelfSubjectAccessReview", status: { allowed: true } });
  const scale = "/apis/apps/v1/namespaces/default/deployments/none/scale";
  expect((await wire.get(scale, { accept: table })).body).toMatchObject({ kind: "Status", code: 404 });
});

test("a table's pages go on by the list's token", async () => {
  const first = await wire.get(`${maps}?limit=1`, { accept: table });
  const { metadata } = first.body;
  const second = await wire.get(`${maps}?limit=500&continue=${metadata.continue}`, { accept: table });
  expect(metadata.remainingItemCount).toBe(rows(second.body).length);
  expect([...rows(first.body), ...rows(second.body)]).toEqual(
    (await wire.get(maps)).body.items.map((one) => one.metadata.name),
  );
});

test("a watch of tables tells the columns once, and its bookmark where the present ends", async () => {
  const query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  const watch = await wire.watch(`${maps}?${query}&labelSelector=new`, { accept: table });
  const end = await watch.next();
  expect(end).toMatchObject({ type: "BOOKMARK", object: { kind: "Table", columnDefinitions: [{}, {}, {}] } });
  expect(end?.object.rows[0]?.object?.metadata.annotations).toEqual({ "k8s.io/initial-events-end": "true" });
  const body = { metadata: { name: "fresh", labels: { new: "" } } };
  const made = await wire.ask("POST", maps, { body });
  const added = await watch.next();
  expect(added).toMatchObject({
    type: "ADDED",
    object: {
      kind: "Table",
      columnDefinitions: null,
      metadata: { resourceVersion: made.body.metadata.resourceVersion },
      rows: [{ object: { kind: "PartialObjectMetadata", metadata: { name: "fresh" } } }],
    },
  });
  // Another reader of the same change is told the columns with it.
  const later = await wire.watch(`${maps}?watch=1&labelSelector=new`, { accept: table });
  expect((await later.next())?.object.columnDefinitions).toHaveLength(3);
  await wire.ask("DELETE", `${maps}/fresh`);
  expect(await later.next()).toMatchObject({ type: "DELETED", object: { columnDefinitions: null } });
  watch.close();
  later.close();
});

/** The bookmark that ends the present. */
const isEnd = ({ object }: WireEvent): boolean =>
  object.rows?.[0]?.object?.metadata.annotations?.["k8s.io/initial-events-end"] === "true";

test("a bookmark can be a table of every kind", async () => {
  const query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  const watched = kinds.all().filter((kind) => kind.servedByDefault && kind.verbs.includes("watch"));
  const failed: string[] = [];
  for (let at = 0; at < watched.length; at += 16) {
    const some = watched.slice(at, at + 16).map(async ({ group, version, resource }) => {
      const root = group === "" ? "/api" : `/apis/${group}`;
      const watch = await wire.watch(`${root}/${version}/${resource}?${query}`, { accept: table });
      let event: WireEvent | undefined;
      do event = await watch.next();
      while (event?.object.rows !== undefined && !isEnd(event));
      watch.close();
      if (!event || !isEnd(event))
        failed.push(`${group}/${resource}: ${watch.code} ${JSON.stringify(event)}`);
    });
    await Promise.all(some);
  }
  expect(failed).toEqual([]);
});

test("metadata alone, of one, of many and in a watch", async () => {
  const one = await wire.get(`${maps}/one`, { accept: partial });
  expect(one.body).toMatchObject({
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: { name: "one" },
  });
  expect(one.body.data).toBeUndefined();
  const many = await wire.get(maps, { accept: `application/vnd.kubernetes.protobuf,${partialList}` });
  expect(many.body).toMatchObject({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" });
  expect(many.body.items[0]).toMatchObject({ kind: "PartialObjectMetadata" });
  const watch = await wire.watch(`${maps}?watch=1&fieldSelector=metadata.name%3Done`, { accept: partial });
  expect(await watch.next()).toMatchObject({ type: "ADDED", object: { kind: "PartialObjectMetadata" } });
  watch.close();
});

test("a watch is JSON, whichever way JSON is asked for, and nothing else", async () => {
  for (const accept of [
    "application/json;stream=watch",
    "application/json",
    "*/*",
    `${table},application/json`,
  ]) {
    const watch = await wire.watch(`${maps}?watch=1`, { accept });
    expect([accept, watch.code, watch.headers["content-type"]]).toEqual([accept, 200, "application/json"]);
    watch.close();
  }
  const yaml = await wire.get(`${maps}?watch=1`, { accept: "application/yaml" });
  expect([yaml.code, yaml.headers["content-type"]]).toEqual([406, "application/yaml"]);
});

test("what cannot be answered is not done", async () => {
  const refused = await wire.ask("POST", maps, {
    body: { metadata: { name: "unseen" } },
    headers: { accept: "image/png" },
  });
  expect(refused.code).toBe(406);
  expect((await wire.get(`${maps}/unseen`)).code).toBe(404);
});

test("only answers above 128 KiB are compressed, and watches never", async () => {
  const gzip = { "accept-encoding": "gzip" };
  const large = { large: "y".repeat(120 * 1024) };
  await wire.ask("POST", maps, { body: { metadata: { name: "large" }, data: large } });
  const below = await wire.get(`${maps}/large`, gzip);
  expect([below.headers["content-encoding"], below.bytes.length > 120 * 1024]).toEqual([undefined, true]);
  await wire.ask("POST", maps, { body: { metadata: { name: "large2" }, data: large } });
  const above = await wire.get(maps, gzip);
  expect([above.headers["content-encoding"], above.headers["vary"]]).toEqual(["gzip", "Accept-Encoding"]);
  expect(above.bytes.length).toBeLessThan(16 * 1024);
  expect(above.body.items.map((one) => one.metadata.name)).toContain("large2");
  expect((await wire.get(maps)).headers["content-encoding"]).toBeUndefined();
  const watch = await wire.watch(`${maps}?watch=1`, gzip);
  expect(watch.headers["content-encoding"]).toBeUndefined();
  expect((await watch.next())?.type).toBe("ADDED");
  watch.close();
  for (const name of ["large", "large2"]) await wire.ask("DELETE", `${maps}/${name}`);
});

test("a watch over WebSocket: one message for each event, until its time is up", async () => {
  const { authority, certificate } = await readKubeconfig(api.kubeconfig);
  const options = { ca: authority!, cert: certificate!.certificate, key: certificate!.key };
  const url = `${api.server.url}${maps}?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Done`;
  const socket = new WebSocket(url.replace("https", "wss"), options);
  const messages: [boolean, unknown][] = [];
  socket.on("message", (data: Buffer, isBinary) =>
    messages.push([isBinary, JSON.parse(data.toString("utf8"))]),
  );
  const [code] = (await once(socket, "close")) as [number];
  expect(code).toBe(1000);
  expect(messages).toMatchObject([[false, { type: "ADDED", object: { metadata: { name: "one" } } }]]);

  const refused = new WebSocket(`${url.replace("https", "wss")}&resourceVersion=soon`, options);
  refused.on("error", () => {});
  const [, response] = (await once(refused, "unexpected-response")) as [unknown, { statusCode: number }];
  expect(response.statusCode).toBe(400);
  refused.terminate();
});

test("what nobody leaves HTTP for is answered as the plain request that it also is, and hung up", async () => {
  const upgrade = { connection: "Upgrade", upgrade: "websocket" };
  for (const [path, code] of [
    [`${maps}/one`, 200],
    [`${maps}/none`, 404],
    ["/version", 200],
  ] as const) {
    const answer = await wire.get(path, upgrade);
    expect([path, answer.code]).toEqual([path, code]);
    expect(answer.headers["audit-id"]).toMatch(/^[\w-]{36}$/);
    expect(answer.headers["connection"]).toBe("close");
  }
});

test("answers that somebody reads as they are have a line for every member", async () => {
  const curl = { "user-agent": "curl/8.5.0" };
  for (const [query, headers, lines] of [
    ["", {}, false],
    ["?pretty=true", {}, true],
    ["?pretty", {}, false],
    ["", curl, true],
    ["?pretty=false", curl, false],
    ["?pretty=1", { accept: `${table},application/json` }, true],
  ] as const)
    for (const path of [maps, `${maps}/one`, "/apis"]) {
      const { text } = await wire.get(path + query, headers);
      const whole = JSON.stringify(JSON.parse(text), undefined, lines ? 2 : undefined);
      expect([query, headers, text.trimEnd()]).toEqual([query, headers, whole]);
    }
  expect((await wire.get(`${maps}/none`, curl)).text).toContain('\n  "reason": "NotFound",\n');
});

test("every answer names the request in the audit log: answers, refusals, strangers and watches", async () => {
  const nobody = await Wire.as(api.server.port, await api.bareKubeconfig());
  const id = { "audit-id": "0000-given" };
  for (const [from, path, code] of [
    [wire, maps, 200],
    [wire, `${maps}/none`, 404],
    [wire, "/apis/nothing.example/v1/things", 404],
    [wire, "/nowhere", 404],
    [wire, `${maps}?limit=x`, 400],
    [wire, "/openapi/v3", 200],
    [wire, "/metrics", 200],
    [nobody, maps, 401],
    [nobody, "/readyz", 200],
  ] as const) {
    const answer = await from.get(path);
    expect([path, answer.code]).toEqual([path, code]);
    expect(answer.headers["audit-id"], path).toMatch(/^[\w-]{36}$/);
    expect((await from.get(path, id)).headers["audit-id"]).toBe(id["audit-id"]);
  }
  const watch = await wire.watch(`${maps}?watch=1`, id);
  expect(watch.headers["audit-id"]).toBe(id["audit-id"]);
  watch.close();
});

test("all of it over HTTP/2 on one connection", async () => {
  const { authority, certificate } = await readKubeconfig(api.kubeconfig);
  const session = connectHttp2(api.server.url, {
    ca: authority!,
    cert: certificate!.certificate,
    key: certificate!.key,
  });
  const stream = session.request({ ":path": `${maps}?watch=1&timeoutSeconds=1&allowWatchBookmarks=true` });
  const text = (await stream.setEncoding("utf8").toArray()).join("");
  const events = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as WireEvent);
  expect(events.at(-1)?.type).toBe("BOOKMARK");
  expect(events[0]?.type).toBe("ADDED");
  session.close();
});
