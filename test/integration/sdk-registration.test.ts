import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "@berth/base";
import { loadContract } from "@berth/proto";
import { RunningPlugin, services } from "@berth/sdk";
import { Connection } from "@berth/verbs";
import { plugin as gpu } from "@berth/plugin-device-gpu";
import { plugin as hostpath } from "@berth/plugin-csi-hostpath";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "berth-reg-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

function launch(options: Record<string, string>, config: Record<string, unknown>) {
  return {
    mode: "by-hand" as const,
    endpoint: `unix://${join(home, "plugin.sock")}`,
    stateDirectory: join(home, "state"),
    runDirectory: join(home, "run"),
    nodeName: "node-a",
    options,
    config,
  };
}

/** The registration service of a kubelet, which empties its folder of sockets when it starts. */
async function startKubelet() {
  for (const name of await readdir(home)) if (name.endsWith(".sock")) await rm(join(home, name));
  const registered: unknown[] = [];
  const server = new Server();
  const definition = loadContract("deviceplugin")["v1beta1.Registration"] as never;
  server.addService(definition, {
    Register: (call: { request: unknown }, done: (error: null, answer: object) => void) => {
      registered.push(call.request);
      done(null, {});
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix://${home}/kubelet.sock`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return { registered, stop: () => server.forceShutdown() };
}

describe("a device plugin beside an upstream kubelet", () => {
  it("registers, and again on a new socket when the kubelet comes back", async () => {
    const options = { "kubelet-socket": join(home, "kubelet.sock") };
    let kubelet = await startKubelet();
    const started = await RunningPlugin.start(gpu, launch(options, { backend: "simulated" }), {
      log: silentLogger,
    });
    try {
      const expected = {
        version: "v1beta1",
        endpoint: "plugin.sock",
        resource_name: "nvidia.com/gpu",
        options: { pre_start_required: true, get_preferred_allocation_available: true },
      };
      await expect.poll(() => kubelet.registered, { timeout: 60_000 }).toEqual([expected]);
      kubelet.stop();
      kubelet = await startKubelet();
      await expect.poll(() => kubelet.registered, { timeout: 60_000 }).toEqual([expected]);
      const connection = new Connection(started.endpoint);
      await connection.client(services.device).getDevicePluginOptions({});
      connection.dispose();
    } finally {
      await started.stop("test over");
      kubelet.stop();
    }
    expect(await readdir(home)).not.toContain("plugin.sock");
  });
});

describe("a CSI driver beside an upstream kubelet", () => {
  it("shows itself in the registration folder, and is gone from there when it ends", async () => {
    const started = await RunningPlugin.start(
      hostpath,
      launch({ "registration-dir": join(home, "registry") }, {}),
      {
        log: silentLogger,
      },
    );
    const socket = join(home, "registry/hostpath.csi.berth.dev-reg.sock");
    const connection = new Connection(socket);
    try {
      expect(await connection.client(services.registration).getInfo({})).toEqual({
        type: "CSIPlugin",
        name: "hostpath.csi.berth.dev",
        endpoint: join(home, "plugin.sock"),
        supported_versions: ["1.0.0"],
      });
    } finally {
      connection.dispose();
      await started.stop("test over");
    }
    expect(await readdir(join(home, "registry"))).toEqual([]);
  });
});
