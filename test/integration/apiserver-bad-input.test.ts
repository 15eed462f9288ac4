import { once } from "node:events";
import { text as readText } from "node:stream/consumers";
import { connect, type TLSSocket } from "node:tls";
import { request as httpsRequest } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readKubeconfig } from "../../core/client/index.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";

let api: TestApiServer;
let credentials: { ca: string; cert: string; key: string };
const errors: string[] = [];

beforeAll(async () => {
  const listen = (message: string): void => void errors.push(message);
  const logger = { debug() {}, info() {}, warn() {}, error: listen, with: () => logger };
  api = await startTestApiServer({ logger });
  const { authority, certificate } = await readKubeconfig(api.kubeconfig);
  credentials = { ca: authority!, cert: certificate!.certificate, key: certificate!.key };
});

afterAll(() => api.dispose());

interface Answer {
  readonly code: number;
  readonly type: string;
  readonly text: string;
}

function ask(
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      { host: "127.0.0.1", port: api.server.port, method, path, ...credentials, headers, agent: false },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => (text += chunk));
        incoming.on("end", () =>
          resolve({ code: incoming.statusCode ?? 0, type: incoming.headers["content-type"] ?? "", text }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const json = { "content-type": "application/json" };
const maps = "/api/v1/namespaces/default/configmaps";
const map = (more: object): string =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, ...more });

/** Every route that takes a body, with the content types it knows and some it does not. */
const nonsense: readonly [
  what: string,
  method: string,
  path: string,
  body?: string | Buffer,
  headers?: Record<string, string>,
][] = [
  ["no body", "POST", maps, "", json],
  ["broken JSON", "POST", maps, '{"apiVersion":', json],
  ["a list for an object", "POST", maps, "[]", json],
  ["null", "POST", maps, "null", json],
  ["a number for metadata", "POST", maps, map({ metadata: 7 }), json],
  ["null metadata", "POST", maps, map({ metadata: null }), json],
  ["a list for labels", "POST", maps, map({ metadata: { name: "a", labels: ["x"] } }), json],
  ["deep nesting", "POST", maps, `{"a":`.repeat(100_000), json],
  ["an unclosed depth", "POST", maps, "[".repeat(50_000), json],
  ["not UTF-8", "POST", maps, Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), json],
  [
    "another kind",
    "POST",
    maps,
    JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "a" } }),
    json,
  ],
  ["another namespace", "POST", maps, map({ metadata: { name: "a", namespace: "b" } }), json],
  ["an impossible name", "POST", maps, map({ metadata: { name: "../../etc" } }), json],
  ["a name with a slash", "GET", `${maps}/a%2Fb%2F..%2Fc`],
  ["broken percent-encoding", "GET", `${maps}/%zz`],
  ["an unknown content type", "POST", maps, "x", { "content-type": "text/plain" }],
  [
    "cut-short protobuf",
    "POST",
    maps,
    Buffer.from("6b38730000ff01", "hex"),
    { "content-type": "application/vnd.kubernetes.protobuf" },
  ],
  ["JSON called protobuf", "POST", maps, map({}), { "content-type": "application/vnd.kubernetes.protobuf" }],
  ["broken YAML", "POST", maps, "a: [b\nc", { "content-type": "application/yaml" }],
  ["YAML that refers to itself", "POST", maps, "a: &a [*a]", { "content-type": "application/yaml" }],
  ["broken gzip", "POST", maps, "xxxx", { ...json, "content-encoding": "gzip" }],
  ["an unknown encoding", "POST", maps, "xxxx", { ...json, "content-encoding": "br" }],
  ["a patch of an unknown type", "PATCH", `${maps}/a`, "{}", json],
  [
    "a JSON patch that is no list",
    "PATCH",
    `${maps}/kube`,
    "{}",
    { "content-type": "application/json-patch+json" },
  ],
  [
    "a JSON patch of nothing there",
    "PATCH",
    "/api/v1/namespaces/default",
    '[{"op":"remove","path":"/spec/x/y"}]',
    { "content-type": "application/json-patch+json" },
  ],
  [
    "a merge patch to a number",
    "PATCH",
    "/api/v1/namespaces/default",
    "7",
    { "content-type": "application/merge-patch+json" },
  ],
  [
    "a strategic patch with a wrong directive",
    "PATCH",
    "/api/v1/namespaces/default",
    '{"$patch":"explode"}',
    { "content-type": "application/strategic-merge-patch+json" },
  ],
  ["an unreadable label selector", "GET", `${maps}?labelSelector=%21%21%28`],
  ["an unknown field selector", "GET", `${maps}?fieldSelector=spec.colour%3Dred`],
  ["a made-up continue token", "GET", `${maps}?limit=1&continue=AAAA`],
  ["a limit that is no number", "GET", `${maps}?limit=many`],
  ["a revision that is no number", "GET", `${maps}?resourceVersion=latest`],
  ["a revision of the future", "GET", `${maps}?resourceVersion=999999999`],
  ["an unknown match", "GET", `${maps}?resourceVersion=1&resourceVersionMatch=Roughly`],
  ["an unknown validation", "POST", `${maps}?fieldValidation=Maybe`, map({}), json],
  ["an unknown dry run", "POST", `${maps}?dryRun=Some`, map({}), json],
  ["an unknown propagation", "DELETE", "/api/v1/namespaces/x?propagationPolicy=Sideways"],
  ["a negative grace period", "DELETE", "/api/v1/namespaces/x?gracePeriodSeconds=-1"],
  ["a kind that is not there", "GET", "/apis/apps/v1/things"],
  ["a subresource that is not there", "GET", `${maps}/a/status`],
  ["a method that is not there", "OPTIONS", maps],
  ["a cluster-wide create of a namespaced kind", "POST", "/api/v1/pods", "{}", json],
  [
    "a replacement without a name",
    "PUT",
    `${maps}/a`,
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap" }),
    json,
  ],
  ["an exec without an upgrade", "GET", "/api/v1/namespaces/default/pods/a/exec?command=sh"],
  ["a token for nobody", "POST", "/api/v1/namespaces/default/serviceaccounts/ghost/token", "{}", json],
  ["an empty review", "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "{}", json],
  ["a binding to nothing", "POST", "/api/v1/namespaces/default/pods/a/binding", "{}", json],
  ["a scale of nothing", "PUT", "/apis/apps/v1/namespaces/default/deployments/a/scale", "{}", json],
  ["an impersonation of groups alone", "GET", maps, undefined, { "impersonate-group": "a" }],
  ["an Accept that nobody can serve", "GET", maps, undefined, { accept: "image/png" }],
];

/** Where Kubernetes' groups are not asked at all, it answers as any web server does. */
const nowhere: readonly (readonly [string, string])[] = [
  ["a group", "/apis/nothing.example/v1/things"],
  ["an OpenAPI document", "/openapi/v3/apis/x/v1"],
];

describe("bad input", () => {
  test.each(nonsense)("%s is refused with a Status that says why", async (_, method, path, body, headers) => {
    const answer = await ask(method, path, body, headers);
    const where = `${method} ${path}: ${answer.text}`;
    // 504 is the API's word for a revision that this server has not seen yet, 500 its word for a directive unknown to it,
    // and for a binding to no node.
    const isOwn = answer.code === 504 || /unknown patch type|target\.name: Required/.test(answer.text);
    const refused = (answer.code >= 400 && answer.code < 500) || isOwn;
    expect(refused ? "refused" : where).toBe("refused");
    const status = JSON.parse(answer.text) as { kind: string; reason: string; message: string; code: number };
    expect(status).toMatchObject({ kind: "Status", code: answer.code });
    expect(status.message.length).toBeGreaterThan(0);
    expect(answer.text).not.toMatch(/\.ts:\d+|node:internal|\n\s+at /);
  });

  test.each(nowhere)("%s that is not there is no page", async (_, path) => {
    expect(await ask("GET", path)).toMatchObject({ code: 404, text: "404 page not found\n" });
  });

  test("a body beyond the limit is refused, and the connection is not read to its end", async () => {
    const answer = await ask("POST", maps, Buffer.alloc(4 * 1024 * 1024, 0x20), json);
    expect(answer.code).toBe(413);
  });

  test.each([
    [
      "headers beyond the limit",
      431,
      `GET /readyz HTTP/1.1\r\nHost: x\r\nX-Long: ${"a".repeat(300_000)}\r\n\r\n`,
    ],
    ["what is no HTTP", 400, `${"\u0016\u0003".repeat(1000)}\r\n\r\n`],
    ["a head with a broken line", 400, "GET /readyz HTTP/1.1\r\nHost x\r\n\r\n"],
  ])("%s is answered with a Status before the connection ends", async (_, code, text) => {
    const socket = connect({ host: "127.0.0.1", port: api.server.port, ...credentials });
    await once(socket, "secureConnect");
    socket.write(text);
    const answer = (await readText(socket)).split("\r\n");
    expect(answer[0]).toMatch(`HTTP/1.1 ${code} `);
    expect(JSON.parse(answer.at(-1)!)).toMatchObject({ kind: "Status", status: "Failure", code });
  });

  test("names that mean something to JavaScript are plain names", async () => {
    const body = map({}).replace('"metadata"', '"data":{"__proto__":"1","constructor":"2"},"metadata"');
    expect((await ask("POST", maps, body, json)).code).toBe(201);
    const stored = (await ask("GET", `${maps}/a`)).text;
    expect(stored).toContain('"__proto__":"1"');
    expect(({} as Record<string, unknown>)["1"]).toBeUndefined();
  });

  test("a caller who hangs up in the middle of a body leaves the server answering", async () => {
    const socket: TLSSocket = connect({ host: "127.0.0.1", port: api.server.port, ...credentials });
    await once(socket, "secureConnect");
    socket.write(
      `POST ${maps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"api`,
    );
    socket.destroy();
    await once(socket, "close");
    expect((await ask("GET", "/readyz")).text).toBe("ok");
  });

  test("none of it was a defect of the server's", () => {
    expect(errors).toEqual([]);
  });
});
