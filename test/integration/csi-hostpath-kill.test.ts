import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { services } from "@berth/sdk";
import { Connection } from "@berth/verbs";

const main = join(import.meta.dirname, "../../plugins/csi-hostpath/main.ts");
const writer = { mount: {}, access_mode: { mode: "SINGLE_NODE_WRITER" as const } };

let home: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "berth-csik-"));
});
afterEach(async () => {
  await kill();
  await rm(home, { recursive: true, force: true });
});

async function start(): Promise<Connection> {
  const endpoint = `unix://${join(home, "p.sock")}`;
  child = spawn(process.execPath, [main, "--endpoint", endpoint, "--state-dir", join(home, "state")], {
    stdio: "ignore",
  });
  const connection = new Connection(endpoint);
  await connection.ready(30_000);
  return connection;
}

async function kill(): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "close");
}

const onDisk = (kind: string): Promise<string[]> => readdir(join(home, "state/data", kind)).catch(() => []);

it("killed anywhere in its creations, the driver and its caller agree after the same requests again", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `pvc-${index}`);
  const create = async (connection: Connection, name: string): Promise<string> => {
    const request = { name, volume_capabilities: [writer], capacity_range: { required_bytes: "1048576" } };
    const { volume } = await connection.client(services.csiController).createVolume(request);
    return volume!.volume_id;
  };
  const answered = new Map<string, string>();
  for (const more of [1, 2, 3]) {
    const connection = await start();
    const enough = Math.min(names.length, (await onDisk("volumes")).length + more);
    const calls = Promise.allSettled(
      names.map(async (name) => answered.set(name, await create(connection, name))),
    );
    await expect
      .poll(async () => (await onDisk("volumes")).length, { timeout: 60_000, interval: 1 })
      .toBeGreaterThanOrEqual(enough);
    await kill();
    await calls;
    connection.dispose();
  }
  const connection = await start();
  for (const name of names) {
    const id = await create(connection, name);
    expect(id).toBe(answered.get(name) ?? id);
  }
  const controller = connection.client(services.csiController);
  const { entries } = await controller.listVolumes({});
  const ids = entries.map(({ volume }) => volume!.volume_id);
  expect(ids).toHaveLength(names.length);
  expect((await onDisk("volumes")).toSorted()).toEqual(ids.toSorted());
  for (const volume_id of ids) await controller.deleteVolume({ volume_id });
  expect(await onDisk("volumes")).toEqual([]);
  connection.dispose();
});
