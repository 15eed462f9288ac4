import { describe, expect, it } from "vitest";
import { loadContract } from "@berth/proto";
import { type JsonObject, RpcError } from "@berth/verbs";
import { cniErrorTrailer, encodeCniError, toCniError } from "./cni-error.ts";
import { newestCommon } from "./cni-version.ts";
import { configFromJson, configToJson } from "./config-json.ts";
import { type CniResult, resultFromJson, resultToJson } from "./result-json.ts";
import { runBerthCni } from "./run-berth-cni.ts";

/** What is left of a message after it went over the wire. */
function overTheWire<T extends object>(name: string, message: T): T {
  const codec = loadContract("cni")[`berth.cni.v1.${name}`] as unknown as {
    serialize(value: object): Buffer;
    deserialize(bytes: Buffer): T;
  };
  return codec.deserialize(codec.serialize(message));
}

const newest: CniResult = {
  cniVersion: "1.1.0",
  interfaces: [
    { name: "br0", mac: "02:00:00:00:00:01", mtu: 1450 },
    {
      name: "eth0",
      mac: "02:00:00:00:00:02",
      mtu: 0,
      sandbox: "/run/netns/x",
      socketPath: "/s",
      pciID: "0:1",
    },
  ],
  ips: [
    { address: "10.1.0.5/16", gateway: "10.1.0.1", interface: 1 },
    { address: "fd00::5/64", interface: 0 },
    { address: "10.2.0.5/16" },
  ],
  routes: [{ dst: "0.0.0.0/0", gw: "10.1.0.1", mtu: 1400, advmss: 1, priority: 0, table: 100, scope: 253 }],
  dns: { nameservers: ["10.96.0.10"], domain: "x", search: ["a", "b"], options: ["ndots:5"] },
};

describe("a result", () => {
  it("comes back the same through the message", () => {
    expect(resultToJson(overTheWire("Result", resultFromJson(newest)), "1.1.0")).toEqual(newest);
  });

  it("in 1.0.0 has nothing that 1.0.0 does not know", () => {
    expect(resultToJson(resultFromJson(newest), "1.0.0")).toEqual({
      cniVersion: "1.0.0",
      interfaces: [
        { name: "br0", mac: "02:00:00:00:00:01" },
        { name: "eth0", mac: "02:00:00:00:00:02", sandbox: "/run/netns/x" },
      ],
      ips: newest.ips,
      routes: [{ dst: "0.0.0.0/0", gw: "10.1.0.1" }],
      dns: newest.dns,
    });
  });

  it.each(["0.3.1", "0.4.0"] as const)("in %s names the family of each address", (version) => {
    const old = resultToJson(resultFromJson(newest), version);
    expect(old.ips?.map(({ version: family }) => family)).toEqual(["4", "6", "4"]);
    expect(old.interfaces?.[0]).not.toHaveProperty("mtu");
    expect(resultToJson(resultFromJson(old), version)).toEqual(old);
  });
});

describe("a plugin's section", () => {
  it("comes back the same, with capabilities that the contract has no field for", () => {
    const section: JsonObject = {
      cniVersion: "1.1.0",
      name: "net",
      type: "bridge",
      args: { cni: { ips: ["10.0.0.9"] } },
      capabilities: { portMappings: true },
      ipam: { type: "host-local", ranges: [[{ subnet: "10.0.0.0/24" }]], routes: [] },
      mtu: 1400,
      isGateway: false,
      runtimeConfig: {
        portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "udp", hostIP: "127.0.0.1" }],
        bandwidth: { ingressRate: 1, ingressBurst: 2, egressRate: 3, egressBurst: 4 },
        ips: ["10.0.0.9/24"],
        mac: "02:00:00:00:00:01",
        dns: { servers: ["10.96.0.10"], searches: ["a"], options: ["ndots:5"] },
        ipRanges: [
          [{ subnet: "10.1.0.0/24", rangeStart: "10.1.0.5", rangeEnd: "10.1.0.9", gateway: "10.1.0.1" }],
        ],
        cgroupPath: "/kubepods/x",
        infinibandGUID: "c2:11",
      },
    };
    expect(configToJson(overTheWire("NetworkConfig", configFromJson(section)))).toEqual(section);
  });

  it("is read in the capital letters of containerd too", () => {
    const portMappings = [{ HostPort: 8080, ContainerPort: 80, Protocol: "TCP", HostIP: "" }];
    const { runtime_config: read } = configFromJson({
      name: "net",
      type: "x",
      runtimeConfig: { portMappings },
    });
    expect(read?.port_mappings).toEqual([
      { host_port: 8080, container_port: 80, protocol: "tcp", host_ip: "" },
    ]);
  });

  it("without capabilities has none afterwards either", () => {
    const section = { cniVersion: "1.0.0", name: "net", type: "ptp" };
    expect(configToJson(overTheWire("NetworkConfig", configFromJson(section)))).toEqual(section);
  });
});

describe("an error", () => {
  it("is the plugin's own where it sent one", () => {
    const trailer = encodeCniError({ code: 101, message: "full", details: "widen it" });
    const metadata = {
      get: (key: string) => (key === cniErrorTrailer ? [trailer] : []),
    } as RpcError["metadata"];
    const error = new RpcError("v", "RESOURCE_EXHAUSTED", "full", { retryable: false, metadata });
    expect(toCniError(error)).toMatchObject({ code: 101, message: "full", details: "widen it" });
  });

  it.each([
    ["UNAVAILABLE", 11],
    ["INVALID_ARGUMENT", 7],
    ["NOT_FOUND", 3],
    ["INTERNAL", 100],
  ] as const)("with status %s alone has code %i", (status, code) => {
    expect(toCniError(new RpcError("v", status, "why", { retryable: false }))).toMatchObject({
      code,
      message: "why",
    });
  });
});

describe("berth-cni", () => {
  const add = { CNI_COMMAND: "ADD", CNI_CONTAINERID: "c", CNI_IFNAME: "eth0", CNI_NETNS: "/n" };
  const refused = async (env: Record<string, string>, config: string) => {
    const { status, stdout } = await runBerthCni(env, config);
    return { status, ...(JSON.parse(stdout) as { code: number; msg: string }) };
  };

  it("tells its versions without a plugin", async () => {
    const answer = await runBerthCni({ CNI_COMMAND: "VERSION" }, '{"cniVersion":"0.4.0"}');
    expect(JSON.parse(answer.stdout)).toMatchObject({ cniVersion: "0.4.0" });
    expect(answer).toMatchObject({ status: 0, stdout: expect.stringContaining('"1.1.0"') as string });
  });

  it.each([
    ["no JSON", add, "{", 6, "no JSON"],
    ["an unknown version", add, '{"cniVersion":"9.0.0","endpoint":"unix:///x"}', 1, "9.0.0"],
    ["no endpoint", add, '{"cniVersion":"1.0.0"}', 7, "no endpoint"],
    ["a relative endpoint", add, '{"cniVersion":"1.0.0","endpoint":"x.sock"}', 7, "absolute"],
    ["no container", { ...add, CNI_CONTAINERID: "" }, '{"endpoint":"unix:///x"}', 4, "CNI_CONTAINERID"],
    [
      "a verb of another version",
      { CNI_COMMAND: "GC" },
      '{"cniVersion":"1.0.0","endpoint":"unix:///x"}',
      4,
      "GC",
    ],
  ])("refuses %s with the specification's code", async (_, env, config, code, words) => {
    expect(await refused(env, config)).toMatchObject({
      status: 1,
      code,
      msg: expect.stringContaining(words) as string,
    });
  });
});

it("the version of a chain is the newest that all its plugins speak", () => {
  expect(
    newestCommon([
      ["0.4.0", "1.0.0", "1.1.0"],
      ["0.3.1", "1.0.0"],
    ]),
  ).toBe("1.0.0");
  expect(newestCommon([["0.4.0"], ["1.0.0"]])).toBeUndefined();
});
