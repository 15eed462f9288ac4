import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { services } from "@berth/sdk";
import { Connection, environment, type HostAnswer, type PluginHello, toStruct } from "@berth/verbs";

const main = join(import.meta.dirname, "../support/plugins/greeter/main.ts");

let home: string;
let undo: (() => Promise<unknown> | void)[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "berth-sdk-"));
  undo = [];
});

afterEach(async () => {
  for (const step of undo.toReversed()) await step();
  await rm(home, { recursive: true, force: true });
});

interface Started {
  child: ChildProcess;
  endpoint: string;
  log(): string;
  exit: Promise<{ code: number | null; signal: string | null }>;
}

function start(argv: string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [main, ...argv], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const exit = once(child, "close").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  undo.push(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  return { child, endpoint: `unix://${join(home, "p.sock")}`, log: () => text, exit };
}

/** A host that says what it is told to say, and remembers the hellos. */
async function startHost(answer: HostAnswer) {
  const hellos: PluginHello[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    socket.once("data", (chunk) => {
      hellos.push(JSON.parse(chunk.toString()) as PluginHello);
      socket.write(`${JSON.stringify(answer)}\n`);
    });
  });
  const path = join(home, "handshake.sock");
  await rm(path, { force: true });
  server.listen(path);
  await once(server, "listening");
  const die = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  undo.push(die);
  return { hellos, die };
}

function managed(windowMs: number): Record<string, string> {
  return {
    [environment.handshake]: join(home, "handshake.sock"),
    [environment.endpoint]: `unix://${join(home, "p.sock")}`,
    [environment.token]: "secret-token",
    [environment.instance]: "greeter.node-a",
    [environment.incarnation]: "7",
    [environment.state]: join(home, "state"),
    [environment.run]: join(home, "run"),
    [environment.adoptionWindow]: String(windowMs),
    [environment.nodeName]: "node-a",
  };
}

const welcome: HostAnswer = { ok: true, chosen: { cni: "v1" }, supportWindow: "cni v1" };

function dial(started: Started): Connection {
  const connection = new Connection(started.endpoint);
  undo.push(() => connection.dispose());
  return connection;
}

async function serving(started: Started): Promise<Connection> {
  const connection = dial(started);
  await connection.ready(20_000);
  return connection;
}

describe("a plugin started by a host", () => {
  it("says who it is, is configured by its host, and keeps the token out of its log", async () => {
    const host = await startHost(welcome);
    const started = start([], managed(60_000));
    const connection = await serving(started);
    await expect.poll(() => host.hellos.length, { timeout: 60_000 }).toBe(1);
    expect(host.hellos[0]).toMatchObject({
      berth: 1,
      instance: "greeter.node-a",
      incarnation: 7,
      token: "secret-token",
      pid: started.child.pid,
      contracts: [{ name: "cni", versions: ["v1"] }],
      adopted: false,
    });
    const network = connection.client(services.network);
    await expect(network.version({})).rejects.toMatchObject({
      code: "UNAVAILABLE",
      detail: expect.stringContaining("greeter is not configured yet"),
    });
    const plugin = connection.client(services.plugin);
    await plugin.configure({ config: toStruct({ greeting: "moin" }), generation: "1" });
    expect((await network.version({})).cni_version).toBe("moin");
    await plugin.drain({ within_ms: 1000 });
    await plugin.shutdown({ reason: "test" });
    expect((await started.exit).code).toBe(0);
    expect(started.log()).not.toContain("secret-token");
    expect(existsSync(join(home, "p.sock"))).toBe(false);
  });

  it("outlives its host and goes on, configured as it is, under the next one", async () => {
    const first = await startHost(welcome);
    const started = start([], managed(60_000));
    const connection = await serving(started);
    await connection.client(services.plugin).configure({ config: toStruct({}), generation: "1" });
    await expect.poll(() => first.hellos.length, { timeout: 60_000 }).toBe(1);
    await first.die();
    const second = await startHost(welcome);
    await expect.poll(() => second.hellos.length, { timeout: 60_000 }).toBe(1);
    expect(second.hellos[0]).toMatchObject({ adopted: true, pid: started.child.pid, incarnation: 7 });
    expect((await connection.client(services.network).version({})).supported_versions).toEqual([
      String(started.child.pid),
    ]);
  });

  it("ends by itself with status 0 when no host comes back within the window", async () => {
    const host = await startHost(welcome);
    const started = start([], managed(300));
    await expect.poll(() => host.hellos.length, { timeout: 60_000 }).toBe(1);
    await host.die();
    expect((await started.exit).code).toBe(0);
    expect(started.log()).toContain("no host came back within 300 ms");
  });

  it("leaves the state to the one that holds it, answers what changes nothing, and takes over after a drain", async () => {
    const host = await startHost(welcome);
    const old = start([], managed(60_000));
    const former = await serving(old);
    const configuration = { config: toStruct({}), generation: "1" };
    await former.client(services.plugin).configure(configuration);
    await former.client(services.plugin).synchronize({});
    const next = start([], {
      ...managed(60_000),
      [environment.incarnation]: "8",
      [environment.endpoint]: `unix://${join(home, "q.sock")}`,
    });
    const connection = new Connection(join(home, "q.sock"));
    undo.push(() => connection.dispose());
    await connection.ready(20_000);
    await expect.poll(() => host.hellos.length, { timeout: 60_000 }).toBe(2);
    await connection.client(services.plugin).configure(configuration);
    await connection.client(services.plugin).synchronize({ authoritative: true });
    const network = connection.client(services.network);
    expect((await network.version({})).supported_versions).toEqual([String(next.child.pid)]);
    const attachment = { container_id: "a" };
    await expect(network.add({ attachment })).rejects.toMatchObject({
      code: "UNAVAILABLE",
      detail: expect.stringContaining(`process ${old.child.pid} still holds the state`),
    });
    await former.client(services.plugin).drain({ within_ms: 1000 });
    await former.client(services.plugin).synchronize({});
    expect((await network.add({ attachment })).result?.cni_version).toBe(String(next.child.pid));
    await expect(former.client(services.network).add({ attachment })).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
  });

  it("that is refused ends with status 1 and the host's sentence", async () => {
    await startHost({ ok: false, reason: "contract cni v9 is needed" });
    const started = start([], managed(60_000));
    expect((await started.exit).code).toBe(1);
    expect(started.log()).toContain("contract cni v9 is needed");
  });
});

describe("a plugin started by hand", () => {
  const byHand = (): string[] => [
    "--endpoint",
    `unix://${join(home, "p.sock")}`,
    "--state-dir",
    join(home, "state"),
  ];

  it("serves with its defaults on a socket of its own user, and SIGTERM ends it with status 0", async () => {
    const started = start(byHand());
    const connection = await serving(started);
    expect((await connection.client(services.network).version({})).cni_version).toBe("hello");
    expect(statSync(join(home, "p.sock")).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, "state")).mode & 0o777).toBe(0o700);
    started.child.kill("SIGTERM");
    expect(await started.exit).toEqual({ code: 0, signal: null });
  });

  it("takes the place of one that was killed, and not of one that lives", async () => {
    const killed = start(byHand());
    await serving(killed);
    killed.child.kill("SIGKILL");
    await killed.exit;
    const second = start(byHand());
    await serving(second);
    const third = start(["--endpoint", `unix://${join(home, "p.sock")}`, "--state-dir", join(home, "other")]);
    expect((await third.exit).code).toBe(1);
    expect(third.log()).toMatch(/another process serves on .*p\.sock/u);
  });

  it.each([
    [["--endpont", "unix:///tmp/x"], "did you mean --endpoint?"],
    [[], "--endpoint is missing"],
    [["--endpoint", `unix:///tmp/${"x".repeat(120)}`], "18 too many"],
  ])("with %j ends with status 1 and says what is wrong", async (argv, sentence) => {
    const started = start([...argv, "--state-dir", join(home, "state")]);
    expect((await started.exit).code).toBe(1);
    expect(started.log()).toContain(sentence);
  });

  it("--help shows options, configuration keys and an example", async () => {
    const started = start(["--help"]);
    expect((await started.exit).code).toBe(0);
    expect(started.log()).toContain("Example: node main.ts --endpoint unix:///tmp/greeter.sock");
    expect(started.log()).toContain('greeting: what Version answers (default "hello")');
  });
});
