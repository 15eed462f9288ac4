import { request as httpsRequest } from "node:https";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readKubeconfig } from "../../core/client/index.ts";
import { cronTab, cronTabs } from "../support/custom-resources.ts";
import { type Kubectl, startKubectl } from "../support/kubectl.ts";
import { Wire } from "../support/wire.ts";

/** What clients that speak protobuf are told where nobody has numbered the fields. */
let tool: Kubectl;
let credentials: { ca: string; cert: string; key: string };
const path = "/apis/stable.example.com/v1/namespaces/default/crontabs";
const protobuf = "application/vnd.kubernetes.protobuf";

interface Answer {
  readonly code: number;
  readonly type: string;
  readonly body: { readonly message?: string; readonly kind?: string };
}

function ask(
  method: string,
  at: string,
  headers: Record<string, string>,
  body?: Buffer | string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = tool.api.server;
    const options = { host: "127.0.0.1", port, method, path: at, ...credentials, headers, agent: false };
    const outgoing = httpsRequest(options, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => {
        const type = incoming.headers["content-type"] ?? "";
        resolve({ code: incoming.statusCode ?? 0, type, body: JSON.parse(text) as Answer["body"] });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** One field of length below 128. */
const field = (number: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([number * 8 + 2, value.length]), value]);

/** The envelope in which Kubernetes sends protobuf, around an object without fields. */
function envelope(apiVersion: string, kind: string): Buffer {
  const type = Buffer.concat([field(1, Buffer.from(apiVersion)), field(2, Buffer.from(kind))]);
  return Buffer.concat([Buffer.from("k8s\0"), field(1, type), field(2, Buffer.alloc(0))]);
}

beforeAll(async () => {
  tool = await startKubectl();
  const { authority, certificate } = await readKubeconfig(tool.api.kubeconfig);
  credentials = { ca: authority!, cert: certificate!.certificate, key: certificate!.key };
  await tool.run("apply", "-f", await tool.manifest("crd", cronTabs()));
  await tool.run("wait", "--for=condition=Established", "crd/crontabs.stable.example.com", "--timeout=60s");
  await tool.run("apply", "-f", await tool.manifest("ct", cronTab("one")));
});

afterAll(() => tool.dispose());

const custom = envelope("stable.example.com/v1", "CronTab");

test.each<[what: string, method: string, at: string, type: string]>([
  ["made", "POST", path, protobuf],
  ["put", "PUT", `${path}/one`, protobuf],
  ["put through a subresource", "PUT", `${path}/one/status`, protobuf],
  ["called JSON", "POST", path, "application/json"],
  ["as a patch", "PATCH", `${path}/one`, protobuf],
])("a custom resource in protobuf is refused with 415: %s", async (_, method, at, type) => {
  const { code, body } = await ask(method, at, { "content-type": type }, custom);
  expect(code).toBe(415);
  expect(body.message).toContain("application/json");
  expect(body.message).not.toContain(`${protobuf},`);
});

test.each([path, `${path}/one`, `${path}?watch=1`])(
  "nothing but protobuf accepted: 406 from %s",
  async (at) => {
    const { code, body } = await ask("GET", at, { accept: protobuf });
    expect(code).toBe(406);
    expect(body.message).toContain("application/json");
  },
);

test("who accepts JSON too is answered in JSON", async () => {
  const { code, type, body } = await ask("GET", path, { accept: `${protobuf},application/json` });
  expect([code, type, body.kind]).toEqual([200, "application/json", "CronTabList"]);
});

test("an integer beyond 2^53 keeps its digits in every form", async () => {
  const exact = "9223372036854775807";
  const file = await tool.manifest("big", cronTab("big", `, serial: ${exact}`));
  expect((await tool.run("create", "-f", file)).err).toBe("");
  const wire = await Wire.as(tool.api.server.port, tool.api.kubeconfig);
  for (const [query, accept] of [
    ["", "application/json"],
    ["?pretty=true", "application/json"],
    ["", "application/yaml"],
  ] as const)
    for (const at of [path, `${path}/big`]) {
      const { text } = await wire.get(at + query, { accept });
      expect(text).toMatch(new RegExp(`"?serial"?: ?${exact}\\b`));
    }
});

test("what is no custom resource may be protobuf: the options of a deletion", async () => {
  const options = envelope("v1", "DeleteOptions");
  const headers = { "content-type": protobuf, "content-length": String(options.length) };
  const { code, body } = await ask("DELETE", `${path}/one`, headers, options);
  expect([code, body.message]).toEqual([200, undefined]);
});
