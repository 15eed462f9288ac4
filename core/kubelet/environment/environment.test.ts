import { describe, expect, it } from "vitest";
import type { ConfigMap, Container, Pod, Secret, Service } from "../../api/index.ts";
import { containerEnvironment } from "./container-environment.ts";
import { expandVariables } from "./expand.ts";
import { fieldValue, resourceValue } from "./field-ref.ts";
import { serviceEnvironment } from "./service-env.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const node = {
  nodeName: "one",
  hostIps: ["192.0.2.1"],
  podIps: ["10.0.0.2", "fd00::2"],
  allocatable: { cpu: "4", memory: "8Gi" },
};
const configMap: ConfigMap = { metadata: { name: "settings" }, data: { color: "blue" } };
const secret: Secret = { metadata: { name: "keys" }, data: { token: base64("s3cret") } };

function environment(
  container: Partial<Container>,
  services: Record<string, string> = {},
): Promise<Map<string, string>> {
  const own = { name: "app", ...container };
  const pod: Pod = {
    metadata: { name: "web", namespace: "shop", uid: "u", labels: { b: "2", a: '1"' } },
    spec: { containers: [own] },
  };
  return containerEnvironment({
    pod,
    container: own,
    node,
    services,
    sources: {
      configMap: async (_namespace, name) => (name === "settings" ? configMap : undefined),
      secret: async (_namespace, name) => (name === "keys" ? secret : undefined),
    },
  });
}

describe("variables in texts", () => {
  it.each([
    ["$(A)-$(B)", "1-$(B)"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$1"],
    ["$(A", "$(A"],
    ["a$", "a$"],
    ["$()", "$()"],
  ])("%s reads %s", (text, expected) => {
    expect(expandVariables(text, (name) => ({ A: "1" })[name])).toBe(expected);
  });
});

describe("the environment of a container", () => {
  it("is built in order from values, fields and objects, each able to use those before it", async () => {
    const env = await environment(
      {
        envFrom: [{ prefix: "CFG_", configMapRef: { name: "settings" } }, { secretRef: { name: "keys" } }],
        env: [
          { name: "A", value: "$(CFG_color)/$(DB_SERVICE_HOST)" },
          { name: "A2", value: "$(A)!" },
          { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIPs" } } },
          { name: "MEM", valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } } },
          { name: "TOKEN", valueFrom: { secretKeyRef: { name: "keys", key: "token" } } },
          { name: "MAYBE", valueFrom: { configMapKeyRef: { name: "absent", key: "x", optional: true } } },
        ],
        resources: { limits: { memory: "100M" } },
      },
      { DB_SERVICE_HOST: "10.96.0.5", A: "not mine" },
    );
    expect(Object.fromEntries(env)).toEqual({
      CFG_color: "blue",
      token: "s3cret",
      A: "blue/10.96.0.5",
      A2: "blue/10.96.0.5!",
      IP: "10.0.0.2,fd00::2",
      MEM: "96",
      TOKEN: "s3cret",
      DB_SERVICE_HOST: "10.96.0.5",
    });
  });

  it.each([
    [{ envFrom: [{ secretRef: { name: "gone" } }] }, 'secret "gone" not found'],
    [
      { env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "settings", key: "size" } } }] },
      "couldn't find key size in ConfigMap shop/settings",
    ],
    [
      { env: [{ name: "X", valueFrom: { fieldRef: { fieldPath: "spec.nope" } } }] },
      'fieldRef.fieldPath "spec.nope"',
    ],
  ])("is refused with what is missing: %j", async (container, message) => {
    await expect(environment(container)).rejects.toThrow(message);
  });
});

describe("fields of a pod", () => {
  const pod: Pod = { metadata: { name: "web", labels: { b: "2", a: 'q"' } }, spec: { containers: [] } };

  it("are maps with one sorted line a key, or one key of them", () => {
    expect(fieldValue(pod, "metadata.labels", node)).toBe('a="q\\""\nb="2"');
    expect(fieldValue(pod, "metadata.labels['b']", node)).toBe("2");
  });

  it("are resources in units of their divisor, the node's where the container has no limit", () => {
    const container = { name: "app", resources: { requests: { cpu: "250m" } } };
    const value = (resource: string, divisor?: string): string =>
      resourceValue(container, { resource, ...(divisor ? { divisor } : {}) }, node.allocatable);
    expect([
      value("requests.cpu"),
      value("requests.cpu", "1m"),
      value("limits.cpu"),
      value("limits.memory", "1Gi"),
    ]).toEqual(["1", "250", "4", "8"]);
  });
});

describe("variables of services", () => {
  it("name address and ports of those that have an address", () => {
    const web: Service = {
      metadata: { name: "my-web" },
      spec: {
        clusterIP: "10.96.0.5",
        ports: [
          { name: "http", port: 80 },
          { name: "dns", port: 53, protocol: "UDP" },
        ],
      },
    };
    const headless: Service = {
      metadata: { name: "headless" },
      spec: { clusterIP: "None", ports: [{ port: 1 }] },
    };
    expect(serviceEnvironment([web, headless])).toEqual({
      MY_WEB_SERVICE_HOST: "10.96.0.5",
      MY_WEB_SERVICE_PORT: "80",
      MY_WEB_SERVICE_PORT_HTTP: "80",
      MY_WEB_SERVICE_PORT_DNS: "53",
      MY_WEB_PORT: "tcp://10.96.0.5:80",
      MY_WEB_PORT_80_TCP: "tcp://10.96.0.5:80",
      MY_WEB_PORT_80_TCP_PROTO: "tcp",
      MY_WEB_PORT_80_TCP_PORT: "80",
      MY_WEB_PORT_80_TCP_ADDR: "10.96.0.5",
      MY_WEB_PORT_53_UDP: "udp://10.96.0.5:53",
      MY_WEB_PORT_53_UDP_PROTO: "udp",
      MY_WEB_PORT_53_UDP_PORT: "53",
      MY_WEB_PORT_53_UDP_ADDR: "10.96.0.5",
    });
  });
});
