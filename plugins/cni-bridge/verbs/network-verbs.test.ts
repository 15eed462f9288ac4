import { expect, test } from "vitest";
import { silentLogger } from "@berth/base";
import { loadContract } from "@berth/proto";
import { PluginError } from "@berth/sdk";
import { SqliteAttachmentStore } from "../attachments/sqlite-attachment-store.ts";
import { FakeNetworkBackend } from "../backend/fake.ts";
import { BridgeNetwork } from "../network/bridge-network.ts";
import { resolveNetwork } from "../network/network-settings.ts";
import { NetworkVerbs } from "./network-verbs.ts";

type AddRequest = Parameters<NetworkVerbs["add"]>[0];

function setUp(subnet = "10.88.0.0/29") {
  const store = new SqliteAttachmentStore(":memory:");
  const backend = new FakeNetworkBackend();
  const settings = resolveNetwork({
    bridge: "berth0",
    ranges: [{ subnet }],
    mtu: 0,
    masquerade: true,
    hairpin: true,
  });
  const network = new BridgeNetwork(settings, store, backend, silentLogger);
  return { store, backend, network, verbs: new NetworkVerbs(network) };
}

function request(
  id: string,
  change: { netns?: string; ifname?: string; runtime?: object; network?: string } = {},
) {
  const { netns = `/ns/${id}`, ifname = "eth0", runtime = {}, network = "pods" } = change;
  return {
    config: {
      cni_version: "1.1.0",
      name: network,
      type: "cni-bridge",
      options: null,
      args: null,
      runtime_config: {
        port_mappings: [],
        bandwidth: null,
        ips: [],
        mac: "",
        dns: null,
        ip_ranges: [],
        cgroup_path: "",
        ...runtime,
      },
    },
    attachment: { container_id: id, ifname, netns, args: {} },
    prev_result: null,
  } satisfies AddRequest;
}

const gcOf = (...ids: string[]) => ({
  config: request("any").config,
  valid_attachments: ids.map((container_id) => ({ container_id, ifname: "eth0" })),
});
const tcp = (hostPort: number) => ({
  port_mappings: [{ host_port: hostPort, container_port: 80, protocol: "tcp", host_ip: "" }],
});

async function failure(action: () => unknown): Promise<{ code: string; message: string; cni: unknown }> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    const trailer = error.trailers["cni-error-bin"];
    const definition = loadContract("cni")["berth.cni.v1.Error"];
    const decode = (definition as unknown as { deserialize: (bytes: Buffer) => { code: number } })
      .deserialize;
    return { code: error.code, message: error.message, cni: decode(Buffer.from(trailer ?? "")).code };
  }
  throw new Error("it succeeded");
}

const addressOf = (answer: Awaited<ReturnType<NetworkVerbs["add"]>>) => answer.result.ips?.[0]?.address;

test("ADD answers bridge, both ends, address, gateway and the way out", async () => {
  const { verbs } = setUp();
  const { result } = await verbs.add(request("c1"));
  expect(result.interfaces?.map(({ name, sandbox }) => [name, sandbox])).toEqual([
    ["berth0", undefined],
    [expect.stringMatching(/^bth/), undefined],
    ["eth0", "/ns/c1"],
  ]);
  expect(result.ips).toEqual([{ address: "10.88.0.2/29", gateway: "10.88.0.1", interface: 2 }]);
  expect(result.routes).toEqual([{ dst: "0.0.0.0/0", gw: "10.88.0.1" }]);
});

test("ADD repeated for the same key answers the same and takes no second address", async () => {
  const { verbs, store } = setUp();
  const first = await verbs.add(request("c1"));
  expect(await verbs.add(request("c1"))).toEqual(first);
  expect(store.list()).toHaveLength(1);
});

test("ADD for a key whose links are gone makes them anew", async () => {
  const { verbs, backend } = setUp();
  await verbs.add(request("c1"));
  backend.links.clear();
  await verbs.add(request("c1"));
  expect(backend.links.size).toBe(1);
});

test("two attachments never share an address, and one that is deleted is free again", async () => {
  const { verbs } = setUp();
  const given = [];
  for (const id of ["a", "b", "c", "d", "e"]) given.push(addressOf(await verbs.add(request(id))));
  expect(new Set(given).size).toBe(5);
  expect(await failure(() => verbs.add(request("f")))).toEqual({
    code: "RESOURCE_EXHAUSTED",
    message: "no address of 10.88.0.0/29 is free",
    cni: 101,
  });
  await verbs.del(request("b"));
  expect(addressOf(await verbs.add(request("f")))).toBe(given[1]);
});

test("a failed ADD leaves neither link nor address behind", async () => {
  const { verbs, backend, store } = setUp();
  backend.attachFailure = new Error("no memory");
  await expect(verbs.add(request("c1"))).rejects.toThrow("no memory");
  expect(backend.links.size).toBe(0);
  expect(store.list()).toEqual([]);
});

test("when the undo of a failed ADD fails too, the first failure is told and GC cleans up later", async () => {
  const { verbs, backend, store } = setUp();
  backend.attachFailure = new Error("first failure");
  backend.detachFailure = new Error("second failure");
  await expect(verbs.add(request("c1"))).rejects.toThrow("first failure");
  expect(store.list().map(({ phase }) => phase)).toEqual(["intent"]);
  backend.detachFailure = undefined;
  await verbs.gc(gcOf());
  expect(store.list()).toEqual([]);
  expect(backend.links.size).toBe(0);
});

test("an interface that is not ours is refused, and so is a namespace that is not there", async () => {
  const { verbs, backend, store } = setUp();
  backend.foreign.add("/ns/c1/eth0");
  expect(await failure(() => verbs.add(request("c1")))).toMatchObject({ code: "ALREADY_EXISTS", cni: 100 });
  backend.missingNamespaces.add("/ns/c2");
  expect(await failure(() => verbs.add(request("c2")))).toMatchObject({ code: "NOT_FOUND", cni: 3 });
  expect(store.list()).toEqual([]);
});

test("a wanted address is given when it is free, and refused when it is not", async () => {
  const { verbs } = setUp();
  expect(addressOf(await verbs.add(request("c1", { runtime: { ips: ["10.88.0.5"] } })))).toBe("10.88.0.5/29");
  const again = await failure(() => verbs.add(request("c2", { runtime: { ips: ["10.88.0.5/29"] } })));
  expect(again).toEqual({
    code: "ALREADY_EXISTS",
    message: "address 10.88.0.5 is in use by c1/eth0",
    cni: 101,
  });
});

test("a host port has one holder", async () => {
  const { verbs } = setUp();
  await verbs.add(request("c1", { runtime: tcp(8080) }));
  const refused = await failure(() => verbs.add(request("c2", { runtime: tcp(8080) })));
  expect(refused).toEqual({
    code: "ALREADY_EXISTS",
    message: "host port tcp/8080 is in use by c1",
    cni: 102,
  });
});

test("DEL succeeds twice, without namespace, without previous result, and for what never was", async () => {
  const { verbs, store } = setUp();
  await verbs.add(request("c1"));
  expect(await verbs.del(request("c1", { netns: "" }))).toEqual({});
  expect(await verbs.del(request("c1", { netns: "" }))).toEqual({});
  expect(await verbs.del(request("never", { netns: "" }))).toEqual({});
  expect(store.list()).toEqual([]);
});

test("an address is not free while its link could not be removed", async () => {
  const { verbs, backend, store } = setUp();
  await verbs.add(request("c1"));
  backend.detachFailure = new Error("device busy");
  await expect(verbs.del(request("c1"))).rejects.toThrow("device busy");
  expect(store.list()).toHaveLength(1);
});

test("GC releases what is not in the still-valid set, of its own network only, and strange links", async () => {
  const { verbs, backend } = setUp();
  await verbs.add(request("keep"));
  await verbs.add(request("drop"));
  await verbs.add(request("other", { network: "second" }));
  const stray = [...backend.links.values()][0];
  if (stray) backend.links.set("bthstray", { ...stray, hostLink: "bthstray" });
  expect(await verbs.gc(gcOf("keep"))).toEqual({ released: [{ container_id: "drop", ifname: "eth0" }] });
  expect([...backend.links.values()].map(({ containerId }) => containerId)).toEqual(["keep", "other"]);
});

test("GC leaves an attachment alone whose ADD is still under way", async () => {
  const { verbs, backend, store } = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  const attach = backend.attach.bind(backend);
  backend.attach = async (attachment) => {
    await promise;
    await attach(attachment);
  };
  const adding = verbs.add(request("new"));
  await verbs.gc(gcOf());
  resolve();
  await adding;
  expect(store.list()).toHaveLength(1);
  expect(backend.links.size).toBe(1);
});

test("CHECK passes for what is there and names the first difference otherwise", async () => {
  const { verbs, backend } = setUp();
  await verbs.add(request("c1"));
  expect(verbs.check(request("c1"))).toEqual({});
  backend.links.clear();
  expect(await failure(() => verbs.check(request("c1")))).toMatchObject({
    code: "FAILED_PRECONDITION",
    cni: 103,
  });
  expect(await failure(() => verbs.check(request("never")))).toMatchObject({
    code: "FAILED_PRECONDITION",
    cni: 3,
  });
});

test("STATUS says 50 when ADD cannot be served, and 51 when running pods suffer too", async () => {
  const { verbs, backend } = setUp();
  const status = () => failure(() => verbs.status({ config: request("any").config }));
  expect(verbs.status({ config: request("any").config })).toEqual({});
  backend.obstacle = "bridge berth0 is down";
  expect(await status()).toEqual({ code: "UNAVAILABLE", message: "bridge berth0 is down", cni: 50 });
  backend.obstacle = undefined;
  await verbs.add(request("c1"));
  backend.obstacle = "bridge berth0 is down";
  expect(await status()).toMatchObject({ cni: 51 });
});

test("VERSION names what is spoken", () => {
  expect(setUp().verbs.version()).toMatchObject({
    cni_version: "1.1.0",
    supported_versions: expect.arrayContaining(["0.4.0"]),
  });
});

test.each<[string, Parameters<typeof request>[1] & { id?: string }]>([
  ["container_id", { id: "" }],
  ["ifname", { ifname: "a/b" }],
  ["ifname", { ifname: "sixteen-letters!" }],
  ["netns", { netns: "" }],
  [
    "bandwidth",
    {
      runtime: { bandwidth: { ingress_rate: "1", ingress_burst: "0", egress_rate: "0", egress_burst: "0" } },
    },
  ],
  ["ip_ranges", { runtime: { ip_ranges: [{ ranges: [] }] } }],
  ["ips", { runtime: { ips: ["10.88.0"] } }],
  ["mac", { runtime: { mac: "01:00:00:00:00:01" } }],
  ["mac", { runtime: { mac: "nonsense" } }],
  [
    "port_mappings[0].protocol",
    { runtime: { port_mappings: [{ ...tcp(1).port_mappings[0], protocol: "icmp" }] } },
  ],
  ["port_mappings[0].host_port", { runtime: tcp(70_000) }],
  [
    "port_mappings[0].host_ip",
    { runtime: { port_mappings: [{ ...tcp(1).port_mappings[0], host_ip: "x" }] } },
  ],
])("a bad %s is refused by name before anything is made", async (name, { id = "c1", ...change }) => {
  const { verbs, backend, store } = setUp();
  const { code, message } = await failure(() => verbs.add(request(id, change)));
  expect(code).toBe("INVALID_ARGUMENT");
  expect(message).toContain(name);
  expect([backend.networks.size, store.list().length]).toEqual([0, 0]);
});

test("after a crash in the middle of an ADD, a start gives back what was reserved", async () => {
  const { store, backend, network, verbs } = setUp();
  await verbs.add(request("whole"));
  backend.detachFailure = backend.attachFailure = new Error("killed here");
  await expect(verbs.add(request("half"))).rejects.toThrow("killed here");
  backend.detachFailure = undefined;
  await new BridgeNetwork(network.settings, store, backend, silentLogger).recover();
  expect(store.list().map(({ attachment }) => attachment.containerId)).toEqual(["whole"]);
  expect(backend.links.size).toBe(1);
});

test("teardown takes bridge and all with it", async () => {
  const { verbs, backend, network, store } = setUp();
  await verbs.add(request("c1"));
  await network.teardown();
  expect([backend.networks.size, backend.links.size, store.list().length]).toEqual([0, 0, 0]);
});
