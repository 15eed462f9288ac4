import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, ServerCredentials, type ServerUnaryCall } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLogger } from "@berth/base";
import { StandInHost } from "@berth/conformance/session/stand-in-host.ts";
import { loadContract } from "@berth/proto";
import {
  type Call,
  createToken,
  definePlugin,
  type HostClient,
  implement,
  RunningPlugin,
  services,
} from "@berth/sdk";
import { startForTest } from "@berth/sdk/testing/index.ts";
import { Connection, toStruct } from "@berth/verbs";

const Host = createToken<HostClient>("test.host");

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "berth-hc-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** A runtime whose only verb asks for a network. */
async function runtimePlugin() {
  await writeFile(
    join(home, "plugin.json"),
    JSON.stringify({
      id: "runtime",
      version: "0.1.0",
      contract: "cri",
      contractVersions: { cri: ["v1"] },
      needs: ["network"],
      hostServices: ["network", "telemetry"],
    }),
  );
  return definePlugin({
    folder: home,
    services: [
      implement(services.runtime, ["runPodSandbox"], (parts) => ({
        async runPodSandbox(request: { config: { metadata: { uid: string } | null } | null }, call: Call) {
          const answer = await parts.get(Host).network!.attach(
            {
              sandbox_id: request.config?.metadata?.uid ?? "",
              netns: "/run/netns/x",
              pod: { namespace: "ns", name: "p" },
            },
            { parent: call },
          );
          return { pod_sandbox_id: answer.result?.ips[0]?.address ?? "" };
        },
      })),
    ],
    configure(parts, _config, { host }) {
      parts.bind(Host, () => host);
    },
  });
}

const runRequest = { config: { metadata: { uid: "u1" } } };

it("without a host a runtime plugin gets its network from any network plugin's socket", async () => {
  const seen: unknown[] = [];
  await writeFile(
    join(home, "plugin.json"),
    JSON.stringify({ id: "net", version: "0.1.0", contract: "cni", contractVersions: { cni: ["v1"] } }),
  );
  await using network = await startForTest(
    definePlugin({
      folder: home,
      services: [
        implement(services.network, ["add"], () => ({
          add(request) {
            seen.push([request.config?.name, request.attachment]);
            return { result: { ips: [{ address: "10.0.0.2/24" }] } };
          },
        })),
      ],
      configure() {},
    }),
  );
  await using runtime = await startForTest(await runtimePlugin(), {
    options: { "network-endpoint": network.endpoint },
  });
  const { pod_sandbox_id } = await runtime.client(services.runtime).runPodSandbox(runRequest);
  expect(pod_sandbox_id).toBe("10.0.0.2/24");
  expect(seen).toEqual([
    [
      "berth",
      {
        container_id: "u1",
        ifname: "eth0",
        netns: "/run/netns/x",
        args: { K8S_POD_NAMESPACE: "ns", K8S_POD_NAME: "p", K8S_POD_UID: "" },
      },
    ],
  ]);
});

it("a nested call to the host carries the trace and the deadline of its parent, less a second", async () => {
  const server = new Server();
  const calls: { deadline: number; trace: unknown }[] = [];
  const reports: unknown[] = [];
  const host = loadContract("host");
  server.addService(host["berth.host.v1.Network"] as never, {
    Attach(call: ServerUnaryCall<object, object>, done: (error: null, answer: object) => void) {
      calls.push({ deadline: Number(call.getDeadline()), trace: call.metadata.get("traceparent")[0] });
      done(null, { result: { ips: [{ address: "10.0.0.3/24" }] } });
    },
  });
  server.addService(host["berth.host.v1.Telemetry"] as never, {
    Report(call: ServerUnaryCall<object, object>, done: (error: null, answer: object) => void) {
      reports.push(call.request);
      done(null, {});
    },
  });
  await new Promise<void>((resolve) => {
    server.bindAsync(`unix://${home}/host.sock`, ServerCredentials.createInsecure(), () => resolve());
  });
  const hello = new StandInHost(join(home, "h.sock"), { ok: true, chosen: {}, supportWindow: "" });
  await hello.listen();
  const started = await RunningPlugin.start(
    await runtimePlugin(),
    {
      mode: "managed",
      endpoint: `unix://${home}/p.sock`,
      stateDirectory: join(home, "state"),
      runDirectory: join(home, "run"),
      nodeName: "node-a",
      options: {},
      session: {
        handshake: join(home, "h.sock"),
        host: `unix://${home}/host.sock`,
        token: "t",
        instance: "runtime.node-a",
        incarnation: 1,
        adoptionWindowMs: 1000,
      },
    },
    { log: silentLogger },
  );
  const connection = new Connection(started.endpoint);
  try {
    await connection.client(services.plugin).configure({ config: toStruct({}), generation: "1" });
    const before = Date.now();
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await connection
      .client(services.runtime)
      .runPodSandbox(runRequest, { deadlineMs: 60_000, metadata: { traceparent: trace } });
    const after = Date.now();
    expect(calls).toHaveLength(1);
    expect(calls[0]!.trace).toBe(trace);
    expect(calls[0]!.deadline).toBeGreaterThan(before);
    expect(calls[0]!.deadline).toBeLessThanOrEqual(after + 59_000 + 5);
    await expect.poll(() => reports.length, { timeout: 60_000 }).toBe(1);
    expect(JSON.stringify(reports[0])).toContain("configurations.live");
  } finally {
    connection.dispose();
    await started.stop("test over");
    await hello.die();
    server.forceShutdown();
  }
});
