import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkConformance, cniSuite } from "@berth/conformance";
import { plugin } from "@berth/plugin-cni-exec";
import { startForTest } from "@berth/sdk/testing/index.ts";
import { Connection, services } from "@berth/verbs";
import { eventually } from "../support/cri-node.ts";
import { type PluginProcess, startPluginProcess } from "../support/plugin-process.ts";

const run = promisify(execFile);
const programs = "/usr/lib/cni";
const bridge = "brcniexec";
const subnet = "10.186.0.0/24";
const folder = mkdtempSync(join(tmpdir(), "berth-ce-"));

const first = {
  type: "bridge",
  bridge,
  isGateway: true,
  ipam: { type: "host-local", dataDir: join(folder, "books"), ranges: [[{ subnet }]] },
};

/** A bridge and one program more. */
const configOf = (second: object) => ({
  network: { cniVersion: "1.0.0", name: "exectest", plugins: [first, second] },
  programs: [programs],
});

const attachment = (id: string, netns = `/run/netns/${id}`) => ({
  container_id: id,
  ifname: "eth0",
  netns,
  args: { K8S_POD_NAME: id },
});
const config = { cni_version: "1.1.0", name: "n", type: "cni-exec" };

async function ports(): Promise<string[]> {
  const { stdout } = await run("ip", ["-json", "link", "show", "master", bridge]).catch(() => ({
    stdout: "",
  }));
  return stdout.trim() === "" ? [] : (JSON.parse(stdout) as { ifname: string }[]).map(({ ifname }) => ifname);
}

afterAll(async () => {
  await run("ip", ["link", "delete", bridge]).catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

describe("upstream programs (Debian's containernetworking-plugins)", () => {
  it("keep the promises of a network plugin", async () => {
    const config = configOf({ type: "portmap", capabilities: { portMappings: true } });
    await using started = await startForTest(plugin, { config });
    expect((await checkConformance(cniSuite, started.endpoint)).problems).toEqual([]);
    expect(await ports()).toEqual([]);
  });

  it("connect a pod, hold it to the bandwidth asked for, and take everything back", async () => {
    await using started = await startForTest(plugin, {
      config: configOf({ type: "bandwidth", capabilities: { bandwidth: true } }),
    });
    const connection = new Connection(started.endpoint);
    const network = connection.client(services.network);
    const name = `ce${process.pid}`;
    await run("ip", ["netns", "add", name]);
    try {
      const bandwidth = { ingress_rate: 8_000_000, ingress_burst: 8_000_000 };
      const { result } = await network.add({
        config: { ...config, runtime_config: { bandwidth } },
        attachment: attachment(name),
      });
      const address = result!.ips[0]!.address.split("/")[0]!;
      expect(address).toMatch(/^10\.186\.0\./);
      await run("ip", ["netns", "exec", name, "busybox", "httpd", "-p", "8080", "-h", folder]);
      writeFileSync(join(folder, "index.html"), "here");
      expect(await (await fetch(`http://${address}:8080/`)).text()).toBe("here");
      const [port] = await ports();
      expect((await run("tc", ["qdisc", "show", "dev", port!])).stdout).toContain("tbf");
      await network.check({ config, attachment: attachment(name) });
      await network.del({ config, attachment: attachment(name) });
      expect(await ports()).toEqual([]);
    } finally {
      await run("sh", ["-c", `kill $(ip netns pids ${name})`]);
      await run("ip", ["netns", "delete", name]);
      connection.dispose();
    }
  });
});

describe("a program that does not come back", () => {
  const own = join(folder, "own");
  const seconds = `${process.pid}${Math.floor(performance.now())}`;
  const network = {
    cniVersion: "1.0.0",
    name: "hangs",
    plugins: [{ type: "notes" }, { type: "hangs" }],
  };
  const notes = join(folder, "notes.txt");
  const heard = (): string[] => (existsSync(notes) ? readFileSync(notes, "utf8").trim().split("\n") : []);
  let started: PluginProcess;
  let connection: Connection;

  const begin = async (): Promise<void> => {
    started = await startPluginProcess(
      join(import.meta.dirname, "../../plugins/cni-exec"),
      own,
      {},
      {
        network,
        programs: [folder],
      },
    );
    connection = new Connection(started.endpoint);
  };
  const client = () => connection.client(services.network);
  const sleepers = async (): Promise<string> =>
    (await run("pgrep", ["-f", `^sleep ${seconds}$`]).catch(() => ({ stdout: "" }))).stdout;

  beforeEach(async () => {
    const answer = '{"cniVersion":"1.0.0","ips":[{"address":"10.1.2.3/24"}]}';
    const log = `cat > /dev/null; echo $CNI_COMMAND $CNI_CONTAINERID >> ${notes}`;
    const scripts = {
      notes: `${log}; [ $CNI_COMMAND = ADD ] && echo '${answer}' || true`,
      hangs: `cat > /dev/null; [ $CNI_COMMAND = ADD ] || exit 0; [ -e ${folder}/go-on ] && { echo '${answer}'; exit; }; exec sleep ${seconds}`,
    };
    for (const [name, script] of Object.entries(scripts)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    rmSync(notes, { force: true });
    await begin();
  });

  afterEach(async () => {
    connection.dispose();
    await started.kill("SIGTERM");
  });

  it("is gone within a second of the deadline, and what was made before it is taken back", async () => {
    const call = client().add(
      { config, attachment: attachment("late", "/proc/self/ns/net") },
      { deadlineMs: 1500 },
    );
    await expect(call).rejects.toThrow(/DEADLINE/);
    await eventually(sleepers, (pids) => pids === "", 1_000);
    await eventually(heard, (lines) => lines.includes("DEL late"));
    expect(heard()).toEqual(["ADD late", "DEL late"]);
  });

  it("is gone with the plugin that was killed, and the next one takes back what was made; the same ADD then answers", async () => {
    const request = { config, attachment: attachment("cut", "/proc/self/ns/net") };
    const call = client()
      .add(request)
      .catch((error: unknown) => error);
    await eventually(sleepers, (pids) => pids !== "");
    connection.dispose();
    await started.kill("SIGKILL");
    expect(await call).toBeInstanceOf(Error);
    await begin();
    await eventually(sleepers, (pids) => pids === "", 1_000);
    expect(heard()).toEqual(["ADD cut", "DEL cut"]);
    writeFileSync(join(folder, "go-on"), "");
    const first = await client().add(request);
    expect(first.result?.ips[0]?.address).toBe("10.1.2.3/24");
    connection.dispose();
    await started.kill("SIGKILL");
    await begin();
    expect(await client().add(request)).toEqual(first);
    expect(heard()).toEqual(["ADD cut", "DEL cut", "ADD cut"]);
    const { released } = await client().gc({ config, valid_attachments: [] });
    expect(released).toEqual([{ container_id: "cut", ifname: "eth0" }]);
    expect(heard().at(-1)).toBe("DEL cut");
  });
});
