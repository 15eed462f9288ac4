import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer, request } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readKubeconfig, resources } from "../../core/client/index.ts";
import { type Kubectl, startKubectl } from "../support/kubectl.ts";
import { machineAddress } from "../support/webhook-server.ts";

const address = machineAddress();
if (address === undefined)
  console.warn("cluster proxy: skipped: this machine has no address besides the loopback one");

let tool: Kubectl;
let plain: Server;
let secure: Server;
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const answer: RequestListener = ({ method, url, headers }, response) => {
  if (url === "/away") response.writeHead(302, { Location: "/home?x=1" }).end();
  else
    response.end(
      JSON.stringify({
        method,
        url,
        uri: headers["x-forwarded-uri"],
        token: headers.authorization ?? "none",
      }),
    );
};

beforeAll(async () => {
  tool = await startKubectl();
  await tool.run("create", "serviceaccount", "default");
  const { key, certificate: cert } = await tool.api.pki.leaf("stranger", {
    commonName: "stranger",
    hosts: ["elsewhere"],
    usages: ["server"],
  });
  plain = createServer(answer);
  secure = createHttpsServer({ key, cert }, answer);
  plain.on("upgrade", (_asked: IncomingMessage, socket: Duplex) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    socket.pipe(socket);
  });
  for (const server of [plain, secure]) {
    server.listen(0, "0.0.0.0");
    await once(server, "listening");
  }
  const objects = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: a, image: x}, {name: b, image: x, ports: [{containerPort: ${portOf(plain)}}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}, {name: https, port: 443}]}
---
apiVersion: v1
kind: Service
metadata: {name: idle}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: [{addresses: [${address}], conditions: {ready: true}}]
ports: [{name: http, port: ${portOf(plain)}}, {name: https, port: ${portOf(secure)}}]`;
  const { code, err } = await tool.run("apply", "-f", await tool.manifest("objects", objects));
  if (code !== 0) throw new Error(err);
  await podAt(address ?? "");
});

afterAll(async () => {
  for (const server of [plain, secure]) {
    server.closeAllConnections();
    server.close();
  }
  await tool.dispose();
});

async function podAt(podIP: string): Promise<void> {
  const pods = (await tool.api.client("in-process")).resource(resources.pods);
  const scope = { namespace: "default", subresource: "status" };
  await pods.patch("web", "merge", { status: { podIP, podIPs: [{ ip: podIP }] } }, scope);
}

const base = "/api/v1/namespaces/default";
const get = async (path: string): Promise<Record<string, string>> => {
  const { out, err } = await tool.run("get", "--raw", `${base}/${path}`);
  expect(err).toBe("");
  return JSON.parse(out);
};
const refusal = async (path: string): Promise<string> =>
  (await tool.run("get", "--raw", `${base}/${path}`)).err;

async function ask(path: string, headers = {}): Promise<IncomingMessage> {
  const { authority, certificate } = await readKubeconfig(tool.api.kubeconfig);
  const asked = request({
    ...{ host: "127.0.0.1", port: tool.api.server.port, path: `${base}/${path}`, headers },
    ...{ ca: authority, cert: certificate?.certificate, key: certificate?.key, agent: false },
  });
  asked.end();
  return await new Promise((resolve, reject) => {
    asked.once("response", resolve);
    asked.once("error", reject);
    asked.once("upgrade", (response: IncomingMessage, socket: Duplex) => {
      socket.write("there and back");
      resolve(Object.assign(response, { socket }));
    });
  });
}

describe.skipIf(address === undefined)("behind the API server", () => {
  test("a pod answers on the port that is named, or on the first that it declares", async () => {
    const path = `pods/web/proxy/a%20b/?q=1`;
    expect(await get(path)).toEqual({
      method: "GET",
      url: "/a%20b/?q=1",
      uri: `${base}/pods/web/proxy/a%20b/`,
      token: "none",
    });
    expect(await get(`pods/web:${portOf(plain)}/proxy/x`)).toMatchObject({ url: "/x" });
    expect(await get(`pods/https:web:${portOf(secure)}/proxy/x`)).toMatchObject({ url: "/x" });
  });

  test("a service answers by a port's number and name, over TLS when asked so", async () => {
    for (const name of ["web:http", "web:80", "http:web:80", "https:web:https", "https:web:443"])
      expect(await get(`services/${name}/proxy/x`)).toMatchObject({ url: "/x" });
  });

  test("who cannot be reached is said why", async () => {
    expect(await refusal("services/web/proxy/")).toContain('no endpoints available for service "web"');
    expect(await refusal("services/idle:80/proxy/")).toContain('no endpoints available for service "idle"');
    expect(await refusal("services/web:81/proxy/")).toContain('no service port 81 found for service "web"');
    expect(await refusal("services/none/proxy/")).toContain('services "none" not found');
    expect(await refusal("pods/none/proxy/")).toContain('pods "none" not found');
    expect(await refusal("pods/web:http/proxy/")).toContain('invalid pod request "web:http"');
    expect(await refusal("pods/web:1/proxy/")).toMatch(
      /ServiceUnavailable.*error trying to reach service: .*:1$/m,
    );
  });

  test("redirections and relative links stay behind the proxy", async () => {
    const away = await ask("services/web:http/proxy/away");
    expect(away.headers.location).toBe(`${base}/services/web:http/proxy/home?x=1`);
    const root = await ask("services/web:http/proxy?x=1");
    expect([root.statusCode, root.headers.location]).toEqual([301, `${base}/services/web:http/proxy/?x=1`]);
  });

  test("a connection leaves HTTP and carries bytes both ways", async () => {
    const { socket } = await ask("pods/web/proxy/echo", { Connection: "Upgrade", Upgrade: "echo" });
    const [back] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    expect(back.toString()).toBe("there and back");
  });

  test("nobody is led to the server's own machine, and only who may be is led at all", async () => {
    const mapped = ["::ffff:127.0.0.1", "::ffff:0.0.0.0"];
    for (const own of [
      "127.0.0.1",
      "169.254.169.254",
      "0.0.0.0",
      "239.1.1.1",
      "::",
      "::1",
      "ff05::2",
      ...mapped,
    ]) {
      await podAt(own);
      expect(await refusal("pods/web/proxy/")).toContain("address not allowed");
    }
    const denied = await tool.run("get", "--raw", `${base}/services/web:http/proxy/`, "--as", "ann");
    expect(denied.err).toContain(
      'User "ann" cannot get resource "services/proxy" in API group "" in the namespace "default"',
    );
  });
});
