import { once } from "node:events";
import { createServer } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { WebSocketServer } from "ws";
import type { Pki } from "../../core/http/index.ts";
import { Cones } from "./cones.ts";

/** A small API server of its own, as somebody would put behind an APIService: two flavours, and cones in namespaces. */
export interface AggregatedServer {
  readonly port: number;
  /** Base64. */
  readonly caBundle: string;
  /** Headers of the newest request for objects that the front proxy vouched for. */
  readonly newest: { headers: IncomingHttpHeaders };
  readonly cones: Cones;
  /** How often its OpenAPI v2 was asked for, and how often it gave it. */
  readonly openApi: { asked: number; given: number };
  dispose(): Promise<void>;
}

const flavours = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: "ice.example.com/v1",
  resources: [
    {
      name: "flavours",
      singularName: "flavour",
      namespaced: false,
      kind: "Flavour",
      shortNames: ["fl"],
      verbs: ["get", "list", "create"],
    },
    {
      name: "cones",
      singularName: "cone",
      namespaced: true,
      kind: "Cone",
      verbs: ["get", "list", "watch", "delete"],
    },
  ],
};

const flavour = (name: string): object => ({
  apiVersion: "ice.example.com/v1",
  kind: "Flavour",
  metadata: { name, uid: name, resourceVersion: "1" },
});

export async function startAggregatedServer(pki: Pki): Promise<AggregatedServer> {
  const { key, certificate } = await pki.leaf("ice", {
    commonName: "ice",
    hosts: ["ice.default.svc"],
    usages: ["server"],
  });
  const newest: { headers: IncomingHttpHeaders } = { headers: {} };
  const cones = new Cones();
  const openApi = { asked: 0, given: 0 };
  const server = createServer(
    {
      key,
      cert: certificate,
      ca: pki.frontProxyAuthorityCertificate,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const answer = (status: number, value: object): void => {
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
      };
      if (!(request.socket as TLSSocket).authorized) return answer(401, { kind: "Status", code: 401 });
      const [path] = (request.url ?? "").split("?");
      if (path === "/apis/ice.example.com/v1") return answer(200, flavours);
      if (path === "/openapi/v3") {
        const serverRelativeURL = "/openapi/v3/apis/ice.example.com/v1?hash=1";
        return answer(200, { paths: { "apis/ice.example.com/v1": { serverRelativeURL } } });
      }
      if (path === "/openapi/v3/apis/ice.example.com/v1") return answer(200, schema);
      if (path === "/openapi/v2") {
        openApi.asked++;
        response.setHeader("ETag", '"1"');
        if (request.headers["if-none-match"] === '"1"') return void response.writeHead(304).end();
        openApi.given++;
        return answer(200, schemaV2);
      }
      if (cones.answer(request, response)) return;
      newest.headers = request.headers;
      // What was sent comes back, once all of it is there.
      if (request.method === "POST" || request.method === "DELETE") {
        request.pipe(response.writeHead(201, { "Content-Type": "application/json" }));
        return;
      }
      const items = ["lemon", "mint"].map(flavour);
      if (path === "/apis/ice.example.com/v1/flavours")
        return answer(200, { apiVersion: "ice.example.com/v1", kind: "FlavourList", metadata: {}, items });
      const name = path?.split("/").at(-1) ?? "";
      return ["lemon", "mint"].includes(name)
        ? answer(200, flavour(name))
        : answer(404, {
            kind: "Status",
            apiVersion: "v1",
            status: "Failure",
            reason: "NotFound",
            message: `flavours.ice.example.com "${name}" not found`,
            code: 404,
          });
    },
  );
  // Flavours are tasted over WebSocket: whatever is said comes back.
  const tasting = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request: IncomingMessage, socket: TLSSocket, head) => {
    if (!socket.authorized || !request.url?.includes("/taste")) {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    newest.headers = request.headers;
    tasting.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("message", (data, isBinary) => webSocket.send(data, { binary: isBinary }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    caBundle: Buffer.from(pki.authorityCertificate).toString("base64"),
    newest,
    cones,
    openApi,
    async dispose() {
      for (const one of tasting.clients) one.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const named = { group: "ice.example.com", version: "v1", kind: "Flavour" };
const reference = { $ref: "#/components/schemas/com.example.ice.v1.Flavour" };
const schema = {
  openapi: "3.0.0",
  info: { title: "ice", version: "1" },
  paths: {
    "/apis/ice.example.com/v1/flavours": {
      get: {
        responses: { "200": { description: "OK", content: { "application/json": { schema: reference } } } },
        "x-kubernetes-action": "list",
        "x-kubernetes-group-version-kind": named,
      },
    },
  },
  components: {
    schemas: {
      "com.example.ice.v1.Flavour": {
        type: "object",
        description: "What ice tastes of.",
        properties: { sweetness: { type: "integer", description: "How sweet it is." } },
        "x-kubernetes-group-version-kind": [named],
      },
    },
  },
};

const ofSchema = (name: string): object => ({ $ref: `#/definitions/${name}` });
const metaName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
const answered = (name: string): object => ({ get: { responses: { "200": { schema: ofSchema(name) } } } });
/** Its idea of metadata is a simple one. */
const schemaV2 = {
  swagger: "2.0",
  info: { title: "ice", version: "1" },
  paths: {
    "/apis/ice.example.com/v1/flavours": answered("com.example.ice.v1.Flavour"),
    "/api/v1/pods": answered("com.example.ice.v1.Flavour"),
  },
  definitions: {
    "com.example.ice.v1.Flavour": {
      ...schema.components.schemas["com.example.ice.v1.Flavour"],
      properties: { metadata: ofSchema(metaName), sweetness: { type: "integer" } },
    },
    [metaName]: { type: "object", properties: { name: { type: "string" } } },
  },
};
