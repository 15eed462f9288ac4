import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createNetworkNamespace,
  deleteNetworkNamespace,
  inNetworkNamespace,
  isNetworkNamespace,
  routeRequests,
  RouteSocket,
  withNamespaceFd,
} from "@berth/linux";
import { services } from "@berth/sdk";
import { type PluginUnderTest, startForTest } from "@berth/sdk/testing/index.ts";
import { plugin } from "../../plugins/cni-bridge/plugin.ts";
import {
  compareSnapshots,
  describeItems,
  mentioning,
  type Snapshot,
} from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";

// A number of this run's own, so that two runs on one machine do not meet.
const run = (process.pid % 80) + 120;
const bridge = `cbt${process.pid % 100_000}`;
const subnet = `10.${run}.0.0/16`;
const gateway = `10.${run}.0.1`;
const hostPort = 20_000 + (process.pid % 10_000);

let folder = "";
let before: Snapshot;
let bridged: PluginUnderTest;
let servers: Server[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cni-bridge-"));
  before = takeSnapshot();
  bridged = await start();
});

afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  servers = [];
  await bridged.stop("teardown");
  for (const name of ["a", "b", "outside"]) deleteNetworkNamespace(namespace(name));
  rmSync(folder, { recursive: true });
  const { added } = compareSnapshots(before, takeSnapshot(), mentioning(bridge, folder, `10.${run}.`));
  if (added.length > 0) throw new Error(`left behind:\n${describeItems(added)}`);
});

function start(): Promise<PluginUnderTest> {
  return startForTest(plugin, {
    config: { bridge, ranges: [{ subnet }, { subnet: `fd00:${run}::/64` }] },
    stateDirectory: join(folder, "state"),
  });
}

const namespace = (name: string): string => join(folder, `ns-${name}`);
const network = () => bridged.client(services.network);
/** With this run's own name in it: links are named after it, and others on the machine have links too. */
const containerId = (name: string): string => `${bridge}-${name}`;
const attachment = (name: string) => ({
  container_id: containerId(name),
  ifname: "eth0",
  netns: namespace(name),
});
const config = (
  ports: { host_port: number; container_port: number; protocol?: string; host_ip?: string }[] = [],
) => ({
  cni_version: "1.1.0",
  name: "pods",
  runtime_config: { port_mappings: ports },
});

async function addPod(name: string, ports: Parameters<typeof config>[0] = []): Promise<string> {
  if (!isNetworkNamespace(namespace(name))) createNetworkNamespace(namespace(name));
  const { result } = await network().add({ config: config(ports), attachment: attachment(name) });
  return result?.ips[0]?.address.split("/")[0] ?? "";
}

/** Answers every connection with the address that it came from. */
async function serveIn(name: string, port: number): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(`from ${socket.remoteAddress?.replace("::ffff:", "")}`);
  });
  servers.push(server);
  inNetworkNamespace(namespace(name), () => void server.listen(port));
  if (!server.listening) await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** What a connection reads, made by bash in a namespace, or on the node without one. */
async function read(
  from: string | undefined,
  address: string,
  port: number,
  limitSeconds = 60,
): Promise<string> {
  const script = `exec 3<>/dev/tcp/${address}/${port} && cat <&3`;
  const command = ["timeout", String(limitSeconds), "bash", "-c", script];
  const [program = "", ...args] =
    from === undefined ? command : ["nsenter", `--net=${namespace(from)}`, ...command];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
  return text(child.stdout);
}

test("pods reach each other and the node by address, and each sees who it is talking to", async () => {
  const [a, b] = [await addPod("a"), await addPod("b")];
  await serveIn("b", 80);
  expect(await read("a", b, 80)).toBe(`from ${a}`);
  expect(await read(undefined, b, 80)).toBe(`from ${gateway}`);
});

test("a host port leads to the pod from the node's loopback, from its address, from a neighbour and from itself", async () => {
  await addPod("a");
  await addPod("b", [{ host_port: hostPort, container_port: 80, protocol: "tcp" }]);
  await serveIn("b", 80);
  expect(await read(undefined, "127.0.0.1", hostPort)).toMatch(/^from /);
  expect(await read(undefined, gateway, hostPort)).toMatch(/^from /);
  expect(await read("a", gateway, hostPort)).toMatch(/^from /);
  expect(await read("b", gateway, hostPort)).toMatch(/^from /);
});

test("a host port on one address of the node is open there and nowhere else", async () => {
  await addPod("a", [{ host_port: hostPort, container_port: 80, protocol: "tcp", host_ip: "127.0.0.1" }]);
  await serveIn("a", 80);
  expect(await read(undefined, "127.0.0.1", hostPort)).toMatch(/^from /);
  expect(await read(undefined, gateway, hostPort)).toBe("");
});

test("traffic to beyond the node carries the node's address, so the answer finds its way", async () => {
  await addPod("a");
  createNetworkNamespace(namespace("outside"));
  const node = RouteSocket.open();
  const link = `${bridge}x`;
  const [here, there] = [`10.${run + 1}.7.1`, `10.${run + 1}.7.2`];
  try {
    withNamespaceFd(namespace("outside"), (namespaceFd) =>
      node.apply(routeRequests.newVeth({ name: link, isUp: true }, { name: "eth0", namespaceFd })),
    );
    node.apply(
      routeRequests.addAddress({
        linkIndex: node.findLink(link)?.index ?? 0,
        address: here,
        prefixLength: 24,
      }),
    );
    const beyond = RouteSocket.open(namespace("outside"));
    const linkIndex = beyond.findLink("eth0")?.index ?? 0;
    beyond.apply(
      routeRequests.setLink(linkIndex, { isUp: true }),
      routeRequests.addAddress({ linkIndex, address: there, prefixLength: 24 }),
    );
    beyond.close();
    await serveIn("outside", 80);
    expect(await read("a", there, 80)).toBe(`from ${here}`);
  } finally {
    node.apply(routeRequests.deleteLink(node.findLink(link)?.index ?? 0));
    node.close();
  }
});

test("the node's own loopback services stay out of a pod's reach", async () => {
  await addPod("a");
  const secret = createServer((socket) => socket.end("secret"));
  servers.push(secret);
  await new Promise<void>((resolve) => secret.listen(0, "127.0.0.1", resolve));
  const pod = RouteSocket.open(namespace("a"));
  const linkIndex = pod.findLink("eth0")?.index ?? 0;
  // What a hostile pod does: its own loopback away, and 127.0.0.1 sent to the node's hardware address.
  pod.apply(routeRequests.deleteAddress({ linkIndex: 1, address: "127.0.0.1", prefixLength: 8 }));
  pod.apply(routeRequests.addRoute({ destination: "127.0.0.1/32", gateway, linkIndex }));
  pod.close();
  inNetworkNamespace(namespace("a"), () => writeFileSync("/proc/sys/net/ipv4/conf/all/route_localnet", "1"));
  expect(await read("a", "127.0.0.1", (secret.address() as AddressInfo).port, 2)).toBe("");
});

test("both families get an address, a route and a way back", async () => {
  createNetworkNamespace(namespace("a"));
  const { result } = await network().add({ config: config(), attachment: attachment("a") });
  expect(result?.ips.map(({ address }) => address)).toEqual([`10.${run}.0.2/16`, `fd00:${run}::2/64`]);
  await serveIn("a", 80);
  expect(await read(undefined, `fd00:${run}::2`, 80)).toMatch(/^from fd00:/);
});

test("DEL takes the pair of links and the host port with it, with or without the namespace", async () => {
  await addPod("a", [{ host_port: hostPort, container_port: 80 }]);
  await addPod("b", [{ host_port: hostPort + 1, container_port: 80 }]);
  deleteNetworkNamespace(namespace("b"));
  for (const name of ["a", "b", "a"]) {
    await network().del({ config: config(), attachment: { ...attachment(name), netns: "" } });
  }
  const { added } = compareSnapshots(before, takeSnapshot(), mentioning(containerId("")));
  expect(describeItems(added)).toBe("");
});

test("an interface that somebody else made is refused and stays as it is", async () => {
  createNetworkNamespace(namespace("a"));
  const pod = RouteSocket.open(namespace("a"));
  pod.apply(routeRequests.newBridge({ name: "eth0" }));
  await expect(network().add({ config: config(), attachment: attachment("a") })).rejects.toMatchObject({
    code: "ALREADY_EXISTS",
    detail: expect.stringContaining("was not made by this plugin"),
  });
  expect(pod.findLink("eth0")?.kind).toBe("bridge");
  pod.close();
});

test("a refused host port stays with the pod that has it", async () => {
  await addPod("a", [{ host_port: hostPort, container_port: 80 }]);
  await serveIn("a", 80);
  await expect(addPod("b", [{ host_port: hostPort, container_port: 80 }])).rejects.toMatchObject({
    code: "ALREADY_EXISTS",
    detail: expect.stringContaining(`is in use by ${containerId("a")}/eth0`),
  });
  expect(await read(undefined, "127.0.0.1", hostPort)).toMatch(/^from /);
});

test("CHECK passes for a whole attachment and says what is missing from a damaged one", async () => {
  await addPod("a", [{ host_port: hostPort, container_port: 80 }]);
  await network().check({ config: config(), attachment: attachment("a") });
  const pod = RouteSocket.open(namespace("a"));
  const linkIndex = pod.findLink("eth0")?.index ?? 0;
  pod.apply(routeRequests.deleteAddress({ linkIndex, address: `10.${run}.0.2`, prefixLength: 16 }));
  pod.close();
  await expect(network().check({ config: config(), attachment: attachment("a") })).rejects.toMatchObject({
    code: "FAILED_PRECONDITION",
    detail: expect.stringContaining(`address 10.${run}.0.2/16 is gone from eth0`),
  });
});

test("GC releases what is not valid any more, and a pod that is keeps its connection", async () => {
  const [, b] = [await addPod("a"), await addPod("b")];
  await serveIn("b", 80);
  const { released } = await network().gc({
    config: config(),
    valid_attachments: [{ container_id: containerId("b"), ifname: "eth0" }],
  });
  expect(released).toEqual([{ container_id: containerId("a"), ifname: "eth0" }]);
  expect(await read(undefined, b, 80)).toMatch(/^from /);
});

test("a new start knows the pods of the one before: same answer, working host port, no address given twice", async () => {
  const a = await addPod("a", [{ host_port: hostPort, container_port: 80 }]);
  await serveIn("a", 80);
  await bridged.stop();
  bridged = await start();
  expect(await addPod("a", [{ host_port: hostPort, container_port: 80 }])).toBe(a);
  expect(await addPod("b")).not.toBe(a);
  expect(await read(undefined, "127.0.0.1", hostPort)).toMatch(/^from /);
});

test("a start puts back host ports that the firewall lost, and takes away those of nobody", async () => {
  await addPod("a", [{ host_port: hostPort, container_port: 80 }]);
  await serveIn("a", 80);
  await bridged.stop();
  const nft = spawn("nft", ["delete", "table", "inet", `berth_${bridge}`]);
  expect(await once(nft, "exit")).toEqual([0, null]);
  bridged = await start();
  expect(await read(undefined, "127.0.0.1", hostPort)).toMatch(/^from /);
});

test("thirty attachments at once get thirty addresses and all leave again", async () => {
  const names = Array.from({ length: 30 }, (_, index) => `many${index}`);
  for (const name of names) createNetworkNamespace(namespace(name));
  try {
    const answers = await Promise.all(
      names.map((name) => network().add({ config: config(), attachment: attachment(name) })),
    );
    expect(new Set(answers.map(({ result }) => result?.ips[0]?.address)).size).toBe(30);
    await Promise.all(names.map((name) => network().del({ config: config(), attachment: attachment(name) })));
  } finally {
    for (const name of names) deleteNetworkNamespace(namespace(name));
  }
});
