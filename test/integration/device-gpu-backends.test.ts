import { execFileSync } from "node:child_process";
import { mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { services } from "@berth/sdk";
import { startForTest } from "@berth/sdk/testing/index.ts";
import { plugin } from "@berth/plugin-device-gpu";
import { NvmlBackend } from "@berth/plugin-device-gpu/backend/real.ts";

const simulated = { backend: "simulated", healthIntervalMs: 50 };

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "berth-gpu-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe("simulated devices", () => {
  it("are said to be simulated, keep their ids over a restart, and have a node that exists", async () => {
    const ids: string[][] = [];
    for (let time = 0; time < 2; time++) {
      await using started = await startForTest(plugin, {
        config: simulated,
        stateDirectory: join(home, "s"),
      });
      const description = await started.client(services.plugin).describe({});
      expect(description).toMatchObject({
        simulated: true,
        facts: { resource: "nvidia.com/gpu", devices: "4" },
      });
      for await (const { devices } of started.client(services.device).listAndWatch({})) {
        ids.push(devices.map(({ ID }) => ID));
        break;
      }
      const [id] = ids[0]!;
      const answer = await started
        .client(services.device)
        .allocate({ container_requests: [{ devices_ids: [id!] }] });
      const [given] = answer.container_responses;
      expect(given).toMatchObject({
        envs: { NVIDIA_VISIBLE_DEVICES: id, BERTH_SIMULATED_GPU: "1" },
        devices: [{ container_path: "/dev/nvidia0", permissions: "rw" }],
      });
      expect((await stat(given!.devices[0]!.host_path)).isCharacterDevice()).toBe(true);
    }
    expect(ids[0]).toHaveLength(4);
    expect(ids[1]).toEqual(ids[0]);
  });

  it("fall ill with an injected fault, are not given out, and recover without it", async () => {
    await using started = await startForTest(plugin, { config: simulated, stateDirectory: join(home, "s") });
    const device = started.client(services.device);
    const fault = join(home, "s/faults/2");
    const seen: string[] = [];
    let refusal: unknown;
    let id = "";
    for await (const { devices } of device.listAndWatch({})) {
      const health = devices[2]!.health;
      id = devices[2]!.ID;
      if (seen.at(-1) !== health) seen.push(health);
      if (seen.length === 1) await inject(fault, "fan stopped");
      if (seen.length === 2) {
        refusal = await device.preStartContainer({ devices_ids: [id] }).catch((error: unknown) => error);
        await rm(fault, { force: true });
      }
      if (seen.length === 3) break;
    }
    expect(refusal).toMatchObject({
      code: "FAILED_PRECONDITION",
      detail: expect.stringContaining("is unhealthy: fan stopped"),
    });
    expect(seen).toEqual(["Healthy", "Unhealthy", "Healthy"]);
    await device.preStartContainer({ devices_ids: [id] });
  });

  it("that are not there are refused by name", async () => {
    await using started = await startForTest(plugin, { config: simulated });
    const request = { container_requests: [{ devices_ids: ["GPU-none"] }] };
    await expect(started.client(services.device).allocate(request)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("without a driver", () => {
  it("the plugin serves no device and says why and what to do", async () => {
    await using started = await startForTest(plugin, { config: { library: join(home, "libnone.so") } });
    const { ready, reason } = await started.client(services.plugin).probe({});
    expect(ready).toBe(false);
    expect(reason).toContain(`cannot be used through ${home}/libnone.so`);
  });
});

/** In one step, so that no look finds it empty. */
async function inject(path: string, text: string): Promise<void> {
  await writeFile(join(home, "fault"), text);
  await rename(join(home, "fault"), path);
}

/** Of the C library: a worker thread's process.env is a copy that native code does not see. */
function setEnvironment(name: string, value: string): void {
  const setenv = koffi.load(null).func("int setenv(const char *, const char *, int)") as (
    name: string,
    value: string,
    overwrite: number,
  ) => number;
  setenv(name, value, 1);
}

const compiler = ["cc", "gcc"].find((name) => {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
if (!compiler) console.warn("SKIPPED: no C compiler for the stand-in of NVIDIA's library");

describe.skipIf(!compiler)("through the driver's library", () => {
  it("devices are found with their ids, and a critical error makes one unhealthy", async () => {
    const library = join(home, "libnvidia-ml-stand-in.so");
    const source = join(import.meta.dirname, "../support/nvml/nvml-stand-in.c");
    execFileSync(compiler!, ["-shared", "-fPIC", "-o", library, source]);
    const backend = new NvmlBackend(library);
    const xid = join(home, "xid");
    setEnvironment("NVML_STAND_IN_XID", xid);
    try {
      const gpus = await backend.list();
      expect(gpus.map(({ id, minor, name }) => [id, minor, name])).toEqual([
        ["GPU-aaaa", 0, "Stand-in"],
        ["GPU-bbbb", 1, "Stand-in"],
      ]);
      expect(backend.facts()).toEqual({ backend: "nvml", driver: "1.2.3" });
      expect([...(await backend.look(gpus)).values()]).toEqual([{ good: true }, { good: true }]);
      await writeFile(xid, "79");
      expect((await backend.look(gpus)).get("GPU-aaaa")).toEqual({
        good: false,
        evidence: "the driver reported XID 79",
        certain: true,
      });
      await writeFile(xid, "13");
      expect((await backend.look(gpus)).get("GPU-aaaa")).toEqual({ good: true });
      expect((await backend.nodes([gpus[1]!])).map(({ hostPath }) => hostPath)).toContain("/dev/nvidia1");
    } finally {
      backend.dispose();
    }
  });
});
