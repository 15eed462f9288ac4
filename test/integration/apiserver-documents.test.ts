import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";
import { startKubectl } from "../support/kubectl.ts";
import { Wire } from "../support/wire.ts";

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

let api: TestApiServer;
let wire: Wire;

beforeAll(async () => {
  api = await startTestApiServer();
  wire = await Wire.as(api.server.port, api.kubeconfig);
});

afterAll(() => api.dispose());

interface Index {
  readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>>;
}

const indexOf = async (): Promise<Index> => JSON.parse((await wire.get("/openapi/v3")).text) as Index;

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "kites.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { plural: "kites", singular: "kite", kind: "Kite" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
};

test.each([
  ["/openapi/v2", {}],
  ["/openapi/v3", {}],
  ["/openapi/v3/apis/apps/v1", {}],
  ["/api", { accept: aggregated }],
  ["/apis", { accept: aggregated }],
] as const)("%s has a tag, and who knows it is told nothing new", async (path, headers) => {
  const first = await wire.get(path, headers);
  const tag = first.headers["etag"]!;
  expect([first.code, tag]).toEqual([200, expect.stringMatching(/^"[0-9A-F]{64}"$/)]);
  expect(first.headers["vary"]).toContain("Accept");
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`]) {
    const again = await wire.get(path, { ...headers, "if-none-match": known });
    expect([again.code, again.bytes.length, again.headers["etag"]]).toEqual([304, 0, tag]);
  }
  expect((await wire.get(path, { ...headers, "if-none-match": '"other"' })).code).toBe(200);
});

test("a schema's address names its content: kept for a year, and another one leads to it", async () => {
  const url = (await indexOf()).paths["apis/apps/v1"]!.serverRelativeURL;
  const kept = await wire.get(url);
  expect(kept.headers["cache-control"]).toBe("public, immutable");
  expect(Date.parse(kept.headers["expires"]!) - Date.now()).toBeGreaterThan(300 * 24 * 3600 * 1000);
  expect(url).toContain(`hash=${kept.headers["etag"]!.replaceAll('"', "")}`);
  const moved = await wire.get("/openapi/v3/apis/apps/v1?hash=OLD");
  expect([moved.code, moved.headers["location"]]).toEqual([301, url]);
  expect((await wire.get("/openapi/v3/apis/apps/v1")).headers["cache-control"]).toBe("no-cache, private");
  expect((await wire.get("/openapi/v3/apis/apps/v9?hash=OLD")).code).toBe(404);
});

test("a new kind gives new tags to what names it, and to nothing else", async () => {
  const before = await indexOf();
  const tagOf = async (path: string, accept = "application/json"): Promise<string> =>
    (await wire.get(path, { accept })).headers["etag"]!;
  const all = [
    ["/apis", aggregated],
    ["/openapi/v2", undefined],
    ["/openapi/v3", undefined],
  ] as const;
  const tags = await Promise.all(all.map(([path, accept]) => tagOf(path, accept)));
  const core = await tagOf("/api", aggregated);
  await wire.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", { body: definition });
  await expect.poll(async () => (await wire.get("/apis/example.com/v1")).code, { timeout: 60_000 }).toBe(200);
  for (const [at, [path, accept]] of all.entries()) expect(await tagOf(path, accept)).not.toBe(tags[at]);
  expect(await tagOf("/api", aggregated)).toBe(core);
  const after = await indexOf();
  expect(after.paths["apis/apps/v1"]).toEqual(before.paths["apis/apps/v1"]);
  expect(after.paths["apis/example.com/v1"]).toBeDefined();
});

test("health is told as a whole, by name, and without what is left out", async () => {
  for (const root of ["healthz", "livez", "readyz"]) {
    expect((await wire.get(`/${root}`)).text).toBe("ok");
    for (const name of ["ping", "store", "etcd", "watch-cache"])
      expect([root, name, (await wire.get(`/${root}/${name}`)).text]).toEqual([root, name, "ok"]);
    expect((await wire.get(`/${root}/moon`)).code).toBe(404);
    expect((await wire.get(`/${root}?exclude=etcd&verbose`)).text).toBe(
      `[+]ping ok\n[+]store excluded: ok\n[+]watch-cache ok\n${root} check passed\n`,
    );
  }
});

test("everything that discovery says can be listed can be listed, by kubectl too", async () => {
  await using stack = new AsyncDisposableStack();
  const tool = stack.adopt(await startKubectl({ api }), (one) => one.dispose());
  const named = await tool.run("api-resources", "--verbs=list", "-o", "name");
  const names = named.out.trim().split("\n");
  expect(names.length).toBeGreaterThan(50);
  const listed = await tool.run("get", names.join(","), "-A", "-o", "name");
  expect([listed.code, listed.err.replace(/^Warning: .*\n/gm, "")]).toEqual([0, ""]);
  const statuses = await tool.run("get", "componentstatuses");
  expect(statuses.err).toContain("Warning: v1 ComponentStatus is deprecated in v1.19+");
  expect(statuses.out).toMatch(/^NAME +STATUS +MESSAGE +ERROR\nping +Healthy +ok *\nstore +Healthy +ok/);
  expect((await tool.run("get", "cs", "moon")).err).toContain('componentstatuses "moon" not found');
});

test("the root names the paths that there are, and each of them answers", async () => {
  const { paths } = JSON.parse((await wire.get("/")).text) as { paths: string[] };
  expect(paths).toEqual(
    expect.arrayContaining(["/api/v1", "/apis/apps/v1", "/readyz/store", "/openapi/v3/apis/apps/v1"]),
  );
  const wrong: string[] = [];
  for (const path of paths) {
    const { code } = await wire.get(path);
    if (code !== 200) wrong.push(`${path}: ${code}`);
  }
  expect(wrong).toEqual([]);
});

test("metrics have the names and labels that dashboards of Kubernetes ask for", async () => {
  const maps = "/api/v1/namespaces/default/configmaps";
  await wire.ask("POST", maps, { body: { metadata: { name: "counted" } } });
  await wire.ask("PATCH", `${maps}/counted`, {
    body: { data: { a: "1" } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  await wire.get(`${maps}/none`);
  await wire.get(maps);
  await wire.get("/api/v1/configmaps?limit=1");
  await wire.ask("DELETE", `${maps}/counted?dryRun=All`);
  for (const path of ["/apis/made.up/v1/things", "/api/v1/madeup", `${maps}/counted/madeup`])
    await wire.get(path);
  const watch = await wire.watch(`${maps}?watch=1`);
  const metrics = async (): Promise<string> => (await wire.get("/metrics")).text;
  // The server counts a request until it has told all of the answer, which its client may have heard by then.
  const quiet = expect.stringMatching(
    /requests\{request_kind="readOnly"\} 1\n.*\{request_kind="mutating"\} 0\n/s,
  );
  await expect.poll(metrics, { timeout: 60_000 }).toEqual(quiet);
  const text = await metrics();
  watch.close();
  const configMaps = 'group="",version="v1",resource="configmaps",subresource=""';
  const request = (verb: string, scope: string, code: string, dryRun = ""): string =>
    `apiserver_request_total{verb="${verb}",component="apiserver",${configMaps},scope="${scope}",dry_run="${dryRun}",code="${code}"} `;
  for (const line of [
    request("POST", "namespace", "201"),
    request("PATCH", "resource", "200"),
    request("GET", "resource", "404"),
    request("LIST", "namespace", "200"),
    request("LIST", "cluster", "200"),
    request("WATCH", "namespace", "200"),
    request("DELETE", "resource", "200", "All"),
    `apiserver_request_duration_seconds_bucket{le="0.005",verb="LIST",component="apiserver",${configMaps},scope="namespace"} `,
    'apiserver_current_inflight_requests{request_kind="readOnly"} 1\n',
    'apiserver_current_inflight_requests{request_kind="mutating"} 0\n',
    'apiserver_storage_objects{resource="configmaps"} ',
    'apiserver_resource_objects{group="rbac.authorization.k8s.io",resource="clusterroles"} ',
    'apiserver_longrunning_requests{verb="WATCH",group="",resource="configmaps"} ',
    "process_resident_memory_bytes ",
  ])
    expect(text).toContain(line);
  // Anybody can ask for anything: only what there is has a name here.
  expect(text).not.toContain("made.up");
  expect(text).not.toContain("madeup");
});
