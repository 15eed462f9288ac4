import { createServer as createHttpsServer, type Server } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Node, Pod } from "../../core/api/index.ts";
import {
  type ApiClient,
  clientOf,
  httpsTransport,
  readKubeconfig,
  resources,
} from "../../core/client/index.ts";
import { startTestApiServer, type TestApiServer } from "../support/api-server.ts";

let api: TestApiServer;
let client: ApiClient;
let kubelet: Server;
/** What the kubelet was asked, with the user that the certificate names. */
const asked: string[] = [];

beforeAll(async () => {
  api = await startTestApiServer();
  client = await api.client("in-process");
  const serving = await api.pki.leaf("kubelet", {
    commonName: "kubelet",
    hosts: ["127.0.0.1"],
    usages: ["server"],
  });
  kubelet = createHttpsServer(
    {
      key: serving.key,
      cert: serving.certificate,
      ca: api.pki.authorityCertificate,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const { CN } = (request.socket as TLSSocket).getPeerCertificate().subject;
      asked.push(`${request.method} ${request.url} ${String(CN)}`);
      if (request.url?.includes("previous=true")) {
        response.statusCode = 400;
        response.end('previous terminated container "main" in pod "web" not found\n');
        return;
      }
      if (request.url?.includes("previous=broken")) {
        response.statusCode = 500;
        response.end("the disk is gone");
        return;
      }
      if (request.method === "POST") {
        let size = 0;
        request.on("data", (chunk: Buffer) => (size += chunk.length));
        request.on("end", () => response.end(String(size)));
      } else response.end("first line\nsecond line\n");
    },
  );
  kubelet.on("upgrade", (request, socket) => {
    asked.push(`upgrade ${request.url}`);
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    socket.pipe(socket);
  });
  kubelet.listen(0, "127.0.0.1");
  await once(kubelet, "listening");
  const node: Node = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "one" },
    spec: {},
    status: {
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: (kubelet.address() as AddressInfo).port } },
    },
  };
  await clientOf(client, resources.nodes).create(node);
  await client
    .resource({ group: "", version: "v1", resource: "serviceaccounts", namespaced: true })
    .create({ metadata: { name: "default" } }, { namespace: "default" });
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web" },
    spec: { nodeName: "one", containers: [{ name: "main", image: "busybox" }] },
  };
  await clientOf(client, resources.pods).create(pod, { namespace: "default" });
});

afterAll(async () => {
  kubelet.closeAllConnections();
  kubelet.close();
  await api.dispose();
});

async function overHttps<T>(work: (transport: ReturnType<typeof httpsTransport>) => Promise<T>): Promise<T> {
  const transport = httpsTransport(await readKubeconfig(api.kubeconfig));
  try {
    return await work(transport);
  } finally {
    transport.dispose();
  }
}

const podPath = "/api/v1/namespaces/default/pods/web";

test("logs come from the pod's own kubelet, asked for as the API server", async () => {
  const answer = await overHttps((https) =>
    https.call({ method: "GET", path: `${podPath}/log`, query: { tailLines: "2" } }),
  );
  expect(answer.body).toBe("first line\nsecond line\n");
  expect(asked).toContain("GET /containerLogs/default/web/main?tailLines=2 kube-apiserver-kubelet-client");
});

test("why there are no logs is said in the kubelet's words", async () => {
  const logs = (query: Record<string, string>): Promise<unknown> =>
    overHttps((https) => https.call({ method: "GET", path: `${podPath}/log`, query }));
  const reason = 'previous terminated container "main" in pod "web" not found';
  await expect(logs({ previous: "true" })).rejects.toMatchObject({ code: 400, message: reason });
  await expect(logs({ previous: "broken" })).rejects.toMatchObject({
    code: 500,
    message: "Internal error occurred: the disk is gone",
  });
});

test("a body larger than any object passes through a node's proxy", async () => {
  const body = "x".repeat(8 * 1024 * 1024);
  const answer = await overHttps((https) =>
    https.call({ method: "POST", path: "/api/v1/nodes/one/proxy/images/import", body }),
  );
  expect(answer.body).toBe(String(body.length + 2));
});

test("a node's proxy may be asked for by scheme and port, and leads to no port but the kubelet's", async () => {
  const { port } = kubelet.address() as AddressInfo;
  await overHttps(async (https) => {
    const read = async (name: string): Promise<unknown> =>
      (await https.call({ method: "GET", path: `/api/v1/nodes/${name}/proxy/pods` })).body;
    for (const name of ["one", `one:${port}`, `https:one:${port}`, "https:one:"])
      expect(await read(name)).toBe("first line\nsecond line\n");
    await expect(read("one:1")).rejects.toMatchObject({
      code: 400,
      message: `port 1 of node one is not its kubelet's, which is ${port}`,
    });
    await expect(read("http:one:1")).rejects.toMatchObject({ code: 400 });
  });
});

test("exec leaves HTTP and carries bytes both ways untouched", async () => {
  const { authority, certificate } = await readKubeconfig(api.kubeconfig);
  const socket = connect({
    host: "127.0.0.1",
    port: api.server.port,
    ...(authority ? { ca: authority } : {}),
    ...(certificate ? { cert: certificate.certificate, key: certificate.key } : {}),
    ALPNProtocols: ["http/1.1"],
  });
  await once(socket, "secureConnect");
  const query = "command=sh&stdin=true&stdout=true&tty=true";
  socket.write(
    `GET ${podPath}/exec?${query} HTTP/1.1\r\nHost: api\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n`,
  );
  let seen = "";
  socket.setEncoding("latin1");
  for await (const chunk of socket) {
    seen += chunk as string;
    if (seen.endsWith("\r\n\r\n")) socket.write("\u0001ping");
    if (seen.endsWith("\u0001ping")) break;
  }
  socket.destroy();
  expect(seen).toMatch(/^HTTP\/1\.1 101 /);
  expect(asked.find((one) => one.startsWith("upgrade"))).toMatch(
    /^upgrade \/exec\/default\/web\/[0-9a-f-]{36}\/main\?command=sh&tty=true&input=1&output=1$/,
  );
});

test("a kubelet that cannot be reached is named with its node and address", async () => {
  await clientOf(client, resources.nodes).patch(
    "one",
    "merge",
    { status: { daemonEndpoints: { kubeletEndpoint: { Port: 1 } } } },
    { subresource: "status" },
  );
  const work = overHttps((https) => https.call({ method: "GET", path: `${podPath}/log` }));
  await expect(work).rejects.toMatchObject({
    code: 503,
    message: expect.stringContaining("the kubelet of node one at 127.0.0.1:1 cannot be reached") as string,
  });
});
