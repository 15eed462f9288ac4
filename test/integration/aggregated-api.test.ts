import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { readKubeconfig } from "../../core/client/index.ts";
import { type AggregatedServer, startAggregatedServer } from "../support/aggregated-server.ts";
import { cronTabs } from "../support/custom-resources.ts";
import { type Kubectl, type Outcome, startKubectl } from "../support/kubectl.ts";
import { swaggerOfProtobuf } from "../support/swagger-of-protobuf.ts";
import { Wire } from "../support/wire.ts";

let tool: Kubectl;
let ice: AggregatedServer;
const kubectl = (...args: string[]): Promise<Outcome> => tool.run(...args);
const service = "v1.ice.example.com";

async function apply(text: string): Promise<Outcome> {
  return kubectl("apply", "-f", await tool.manifest("object", text));
}

const namedService = `
apiVersion: v1
kind: Service
metadata: {name: ice, namespace: default}
spec: {type: ExternalName, externalName: localhost}
`;

const apiService = (): string => `
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: ${service}}
spec:
  group: ice.example.com
  version: v1
  groupPriorityMinimum: 1000
  versionPriority: 15
  caBundle: ${ice.caBundle}
  service: {namespace: default, name: ice, port: ${ice.port}}
`;

async function waitFor(condition: string): Promise<void> {
  const { out, err } = await kubectl(
    "wait",
    `--for=condition=${condition}`,
    `apiservice/${service}`,
    "--timeout=60s",
  );
  if (!out.includes("condition met")) throw new Error(err);
}

beforeAll(async () => {
  tool = await startKubectl();
  ice = await startAggregatedServer(tool.api.pki);
});

afterAll(async () => {
  await tool.dispose();
  await ice.dispose();
});

describe("groups served here", () => {
  test("have local APIServices, which come and go with definitions", async () => {
    await kubectl("wait", "--for=condition=Available", "apiservice/v1.apps", "--timeout=60s");
    const { out } = await kubectl("get", "apiservices", "v1.apps", "v1.", "--no-headers");
    expect(
      out
        .split("\n")
        .slice(0, 2)
        .map((line) => line.split(/\s+/).slice(0, 3)),
    ).toEqual([
      ["v1.apps", "Local", "True"],
      ["v1.", "Local", "True"],
    ]);
    await apply(cronTabs());
    const custom = "apiservice/v1.stable.example.com";
    await kubectl("wait", "--for=create", custom, "--timeout=60s");
    expect((await kubectl("wait", "--for=condition=Available", custom, "--timeout=60s")).code).toBe(0);
    await kubectl("delete", "crd", "crontabs.stable.example.com");
    expect((await kubectl("wait", "--for=delete", custom, "--timeout=60s")).code).toBe(0);
  });
});

describe("a group that another server serves", () => {
  test("is not available while its Service leads nowhere, and requests are told so", async () => {
    expect((await kubectl("explain", "configmaps.data")).code).toBe(0);
    await apply(apiService());
    await waitFor("Available=False");
    const reason = await kubectl(
      "get",
      "apiservice",
      service,
      "-o",
      "jsonpath={.status.conditions[0].reason}",
    );
    expect(reason.out).toBe("ServiceNotFound");
    const { err } = await kubectl("get", "--raw", "/apis/ice.example.com/v1/flavours");
    expect(err).toContain("v1.ice.example.com is not available");
  });

  test("is refused when it is named otherwise, or verifies and does not", async () => {
    const wrong = apiService()
      .replace(`name: ${service}`, "name: ice")
      .replace("versionPriority: 15", "versionPriority: 1001\n  insecureSkipTLSVerify: true");
    const { err } = await apply(wrong);
    expect(err).toContain('metadata.name: Invalid value: "ice": must be `spec.version+"."+spec.group`');
    expect(err).toContain("spec.versionPriority: Invalid value: 1001: must be positive and less than 1000");
    expect(err).toContain("spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle");
  });

  test("is available when the server behind it answers", async () => {
    await apply(namedService);
    await waitFor("Available");
    const { out } = await kubectl("get", "apiservice", service, "--no-headers");
    expect(out.split(/\s+/).slice(0, 3)).toEqual([service, "default/ice", "True"]);
  });

  test("kubectl finds, lists, reads and makes what it serves", async () => {
    expect((await kubectl("api-resources", "--api-group=ice.example.com", "--no-headers")).out).toContain(
      "Flavour",
    );
    expect((await kubectl("get", "fl", "-o", "name")).out).toBe(
      "flavour.ice.example.com/lemon\nflavour.ice.example.com/mint\n",
    );
    expect((await kubectl("get", "flavours", "nut")).err).toContain(
      'flavours.ice.example.com "nut" not found',
    );
    const made = "apiVersion: ice.example.com/v1\nkind: Flavour\nmetadata: {name: fig}\n";
    const file = await tool.manifest("fig", made);
    expect((await kubectl("create", "--validate=false", "-f", file)).out).toContain("fig created");
  });

  test("a request is handed on to its end, whether it has a body or not", async () => {
    const wire = await Wire.as(tool.api.server.port, tool.api.kubeconfig);
    const path = "/apis/ice.example.com/v1/flavours/mint";
    const body = '{"kind":"DeleteOptions"}';
    const headers = { "content-length": String(body.length) };
    for (const options of [{}, { body, headers }]) {
      const { code, text } = await wire.ask("DELETE", path, options);
      expect([code, text]).toEqual([201, "body" in options ? body : ""]);
    }
  });

  test("older clients find it too", async () => {
    const groups = JSON.parse((await kubectl("get", "--raw", "/apis")).out) as { groups: { name: string }[] };
    expect(groups.groups.map(({ name }) => name)).toContain("ice.example.com");
    const group = JSON.parse((await kubectl("get", "--raw", "/apis/ice.example.com")).out) as object;
    expect(group).toMatchObject({ kind: "APIGroup", preferredVersion: { version: "v1" } });
  });

  test("has its schema in the index of schemas, and that is read from it", async () => {
    const index = JSON.parse((await kubectl("get", "--raw", "/openapi/v3")).out) as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    const url = index.paths["apis/ice.example.com/v1"]!.serverRelativeURL;
    expect((await kubectl("get", "--raw", url)).out).toContain("How sweet it is.");
  });

  test("kubectl explains it, though it remembers an index of schemas from before", async () => {
    expect((await kubectl("explain", "flavours.sweetness")).out).toContain("How sweet it is.");
  });

  test("has its part of the one schema that older clients ask for, under other names where ours say something else", async () => {
    const { given, asked } = ice.openApi;
    const wire = await Wire.as(tool.api.server.port, tool.api.kubeconfig);
    const v2 = JSON.parse((await wire.get("/openapi/v2")).text) as {
      paths: Record<string, { get: object }>;
      definitions: Record<string, { properties: Record<string, { $ref?: string }> }>;
    };
    const metaName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
    const { properties } = v2.definitions["com.example.ice.v1.Flavour"]!;
    expect(properties["metadata"]!.$ref).toBe(`#/definitions/${metaName}_v2`);
    expect(v2.definitions[`${metaName}_v2`]!.properties).toEqual({ name: { type: "string" } });
    expect(v2.definitions["io.k8s.api.core.v1.Pod"]!.properties["metadata"]!.$ref).toBe(
      `#/definitions/${metaName}`,
    );
    expect(JSON.stringify(v2.paths["/apis/ice.example.com/v1/flavours"])).toContain("v1.Flavour");
    await wire.get("/openapi/v2");
    expect([ice.openApi.asked - asked, ice.openApi.given - given]).toEqual([2, 1]);
    // The tag that is known is of the other form.
    const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    const known = { accept, "if-none-match": (await wire.get("/openapi/v2")).headers["etag"]! };
    const protobuf = swaggerOfProtobuf((await wire.get("/openapi/v2", known)).bytes) as unknown as typeof v2;
    expect(protobuf.definitions["com.example.ice.v1.Flavour"]).toEqual(
      v2.definitions["com.example.ice.v1.Flavour"],
    );
    expect(protobuf.paths).toEqual(v2.paths);
  });

  test("is told who asks, and nothing of his credentials", async () => {
    await kubectl("get", "flavours", "--as=jane", "--as-group=cooks");
    const { headers } = ice.newest;
    expect(headers["x-remote-user"]).toBe("admin");
    await kubectl("create", "clusterrolebinding", "jane", "--clusterrole=cluster-admin", "--user=jane");
    await kubectl("get", "flavours", "--as=jane", "--as-group=cooks");
    expect(ice.newest.headers["x-remote-user"]).toBe("jane");
    expect(ice.newest.headers["x-remote-group"]).toContain("cooks");
    expect(ice.newest.headers["impersonate-user"]).toBeUndefined();
  });

  test("is spoken to over WebSocket, in the name of who asks", async () => {
    const taste = async (kubeconfig: string, headers: Record<string, string>): Promise<WebSocket> => {
      const { authority, certificate } = await readKubeconfig(kubeconfig);
      const url = `wss://127.0.0.1:${tool.api.server.port}/apis/ice.example.com/v1/flavours/lemon/taste?stdin=1`;
      const { certificate: cert, key } = certificate!;
      return new WebSocket(url, "v5.channel.k8s.io", { ca: authority!, cert, key, headers });
    };
    const tasted = await taste(tool.api.kubeconfig, {
      "X-Remote-User": "somebody",
      Authorization: "Bearer x",
    });
    await once(tasted, "open");
    tasted.send("sour");
    const [data] = (await once(tasted, "message")) as [Buffer];
    expect(data.toString("utf8")).toBe("sour");
    expect(tasted.protocol).toBe("v5.channel.k8s.io");
    expect(ice.newest.headers["x-remote-user"]).toBe("admin");
    expect(ice.newest.headers["authorization"]).toBeUndefined();
    tasted.close();
    await once(tasted, "close");
    const refused = await taste(await tool.api.kubeconfigFor("nobody-special"), {});
    refused.on("error", () => {});
    const [, response] = (await once(refused, "unexpected-response")) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(403);
    refused.terminate();
  });

  test("is watched from within this process too: changes and errors as they come, until either side ends it", async () => {
    const client = await tool.api.client("in-process", "cook", ["system:masters"]);
    const cones = client.resource({
      group: "ice.example.com",
      version: "v1",
      resource: "cones",
      namespaced: true,
    });
    const follow = async (signal?: AbortSignal): Promise<AsyncIterator<object>> => {
      const events = cones.watch(signal ? { signal } : {})[Symbol.asyncIterator]();
      const first = events.next();
      await expect.poll(() => ice.cones.watchers).toBe(1);
      ice.cones.add("default/first");
      const { value } = (await first) as { value: { object: object } };
      expect(value).toMatchObject({ type: "ADDED", object: { kind: "Cone", metadata: { name: "first" } } });
      expect(Object.isFrozen(value.object)).toBe(true);
      return events;
    };
    const failing = await follow();
    const next = failing.next();
    ice.cones.tell("ERROR", { kind: "Status", code: 410, reason: "Expired", message: "too old" });
    await expect(next).rejects.toMatchObject({ code: 410, reason: "Expired", message: "too old" });
    await expect.poll(() => ice.cones.watchers).toBe(0);
    const stop = new AbortController();
    const stopped = (await follow(stop.signal)).next();
    stop.abort();
    expect(await stopped).toEqual({ done: true, value: undefined });
    await expect.poll(() => ice.cones.watchers).toBe(0);
    await expect(
      client.request({ method: "GET", path: "/apis/ice.example.com/v1/nothing", query: { watch: "true" } }),
    ).rejects.toMatchObject({
      code: 404,
      reason: "NotFound",
    });
  });

  test("is not reached by who may not", async () => {
    const kubeconfig = await tool.api.kubeconfigFor("nobody-special");
    const { err } = await tool.runAs(kubeconfig, "get", "--raw", "/apis/ice.example.com/v1/flavours");
    expect(err).toContain("is forbidden");
  });

  test("is told nothing when another authority vouches for it than the one that is trusted", async () => {
    const trust = (caBundle: string): Promise<Outcome> =>
      kubectl("patch", "apiservice", service, "--type=merge", "-p", JSON.stringify({ spec: { caBundle } }));
    const stranger = tool.api.pki.frontProxyAuthorityCertificate;
    ice.newest.headers = {};
    await trust(Buffer.from(stranger).toString("base64"));
    await waitFor("Available=False");
    expect((await kubectl("get", "--raw", "/apis/ice.example.com/v1/flavours")).code).toBe(1);
    expect(ice.newest.headers).toEqual({});
    await trust(ice.caBundle);
    await waitFor("Available");
    expect((await kubectl("get", "--raw", "/apis/ice.example.com/v1/flavours")).code).toBe(0);
  });
});
