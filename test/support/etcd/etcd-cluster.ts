import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DisposableStack } from "@berth/base";
import { DockerEngine, etcdImage } from "./docker-engine.ts";

/** One member in a network namespace of its own, a container's or a process's. */
export interface ClusterMember {
  readonly server: string;
  /** As a crash does. */
  kill(): Promise<void>;
  /** Takes its network away, and gives it back. */
  cut(): void;
  heal(): void;
}

export interface EtcdCluster {
  readonly members: readonly ClusterMember[];
  /** What the members are: containers, or why not. */
  readonly how: string;
}

const count = 3;

/**
 * Three members of a real etcd on a bridge of their own: each in a container by testcontainers where a Docker engine can be
 * started, and as plain processes otherwise.
 */
export async function startEtcdCluster(folder: string, stack: DisposableStack): Promise<EtcdCluster> {
  const net = `10.231.${process.pid % 250}`;
  const bridge = `bt${process.pid % 100_000}`;
  ip("link", "add", bridge, "type", "bridge");
  stack.defer(bridge, () => ip("link", "delete", bridge));
  ip("address", "add", `${net}.1/24`, "dev", bridge);
  ip("link", "set", bridge, "up");
  const { run, how } = await runner(folder, stack);
  const addresses = Array.from({ length: count }, (_, i) => `${net}.${i + 11}`);
  const cluster = addresses.map((address, i) => `m${i}=http://${address}:2380`).join(",");
  const members: ClusterMember[] = [];
  for (const [i, address] of addresses.entries()) {
    const { pid, kill } = await run(`m${i}`, [
      ...["--name", `m${i}`, "--initial-cluster", cluster, "--logger", "zap"],
      ...["--listen-client-urls", "http://0.0.0.0:2379", "--advertise-client-urls", `http://${address}:2379`],
      ...[
        "--listen-peer-urls",
        "http://0.0.0.0:2380",
        "--initial-advertise-peer-urls",
        `http://${address}:2380`,
      ],
    ]);
    stack.defer(`member ${i}`, kill);
    const link = `${bridge}m${i}`;
    ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", String(pid));
    // The kernel takes it away with the namespace, but not at once.
    stack.defer(link, () => void spawnSync("ip", ["link", "delete", link]));
    ip("link", "set", link, "master", bridge, "up");
    for (const args of [
      ["link", "set", "lo", "up"],
      ["address", "add", `${address}/24`, "dev", "eth0"],
      ["link", "set", "eth0", "up"],
    ])
      execFileSync("nsenter", ["-t", String(pid), "-n", "ip", ...args]);
    members.push({
      server: `http://${address}:2379`,
      kill,
      cut: () => ip("link", "set", link, "down"),
      heal: () => ip("link", "set", link, "up"),
    });
  }
  return { members, how };
}

type Run = (name: string, args: readonly string[]) => Promise<{ pid: number; kill: () => Promise<void> }>;

async function runner(folder: string, stack: DisposableStack): Promise<{ run: Run; how: string }> {
  try {
    const engine = await DockerEngine.start(join(folder, "docker"));
    stack.defer("Docker engine", () => engine[Symbol.asyncDispose](), 60_000);
    engine.importEtcd();
    return { run: await inContainers(engine), how: "containers" };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { run: (name, args) => asProcess(folder, name, args), how: `plain processes: ${why}` };
  }
}

async function inContainers(engine: DockerEngine): Promise<Run> {
  process.env["DOCKER_HOST"] = engine.host;
  // Its cleaner is an image that no registry brings here; the test removes its containers itself.
  process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";
  // Otherwise it looks for the engine's bridge, and there is none: the members have one of the test's own.
  process.env["TESTCONTAINERS_HOST_OVERRIDE"] = "127.0.0.1";
  const { GenericContainer } = await import("testcontainers");
  return async (_name, args) => {
    const container = await new GenericContainer(etcdImage)
      .withEntrypoint(["/usr/bin/etcd"])
      .withCommand([...args, "--data-dir", "/data"])
      .withNetworkMode("none")
      .start();
    const id = container.getId();
    const pid = Number(engine.docker("inspect", "--format", "{{.State.Pid}}", id));
    let isDead = false;
    return {
      pid,
      async kill() {
        if (isDead) return;
        isDead = true;
        engine.docker("kill", "--signal", "KILL", id);
        engine.docker("rm", "--force", id);
      },
    };
  };
}

async function asProcess(
  folder: string,
  name: string,
  args: readonly string[],
): Promise<{ pid: number; kill: () => Promise<void> }> {
  mkdirSync(join(folder, name), { recursive: true });
  const command = ["--net", "/usr/bin/etcd", ...args, "--data-dir", join(folder, name, "data")];
  const child: ChildProcess = spawn("unshare", command, { stdio: "ignore" });
  const ended = once(child, "exit");
  const own = readlinkSync("/proc/self/ns/net");
  while (readlinkSync(`/proc/${child.pid}/ns/net`) === own) await sleep(5);
  return {
    pid: child.pid!,
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });
}
