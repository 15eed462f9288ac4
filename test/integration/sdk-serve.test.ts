import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Call, createToken, definePlugin, implement, PluginError, services } from "@berth/sdk";
import { startForTest } from "@berth/sdk/testing/index.ts";
import { isRpcError, toStruct } from "@berth/verbs";

interface Gate {
  open: PromiseWithResolvers<void>;
  aborted: string[];
  adds: string[];
  disposed: number;
}

class NetworkVerbs {
  readonly #gate: Gate;
  readonly #greeting: string;

  constructor(gate: Gate, greeting: string) {
    this.#gate = gate;
    this.#greeting = greeting;
  }

  async add(request: { attachment: { container_id: string } | null }, call: Call) {
    const id = request.attachment?.container_id ?? "";
    this.#gate.adds.push(id);
    if (id.startsWith("hang")) {
      await new Promise<void>((resolve) => {
        call.signal.addEventListener("abort", () => {
          this.#gate.aborted.push(id);
          resolve();
        });
        void this.#gate.open.promise.then(resolve);
      });
    }
    if (id === "") throw new PluginError("INVALID_ARGUMENT", "container_id is empty", "Send one.");
    return { result: { cni_version: this.#greeting } };
  }
}

const gateToken = createToken<Gate>("test/gate");

function pluginWith(folder: string, gate: Gate) {
  return definePlugin<{ greeting: string }>({
    folder,
    services: [
      implement(services.network, NetworkVerbs, (parts) => {
        const { greeting } = parts.get(configToken);
        return new NetworkVerbs(parts.get(gateToken), greeting);
      }),
    ],
    configure(parts, config) {
      parts.bind(configToken, () => config);
      parts.bind(gateToken, () => gate);
      parts.disposables.defer("gate", () => void gate.disposed++);
    },
  });
}
const configToken = createToken<{ greeting: string }>("test/config");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-sdk-test-"));
  await writeFile(
    join(folder, "plugin.json"),
    JSON.stringify({
      id: "greeter",
      version: "1.2.3",
      contract: "cni",
      contractVersions: { cni: ["v1"] },
      config: {
        type: "object",
        additionalProperties: false,
        properties: { greeting: { type: "string", default: "hello" } },
      },
    }),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const newGate = (): Gate => ({ open: Promise.withResolvers<void>(), aborted: [], adds: [], disposed: 0 });

describe("a served plugin", () => {
  it("claims the verbs it has and answers UNIMPLEMENTED for the others", async () => {
    await using started = await startForTest(pluginWith(folder, newGate()));
    const described = await started.client(services.plugin).describe({});
    expect(described).toMatchObject({
      id: "greeter",
      version: "1.2.3",
      verbs: ["berth.cni.v1.NetworkPlugin/Add"],
    });
    const refusal = await started
      .client(services.network)
      .del({})
      .catch((error: unknown) => error);
    expect(isRpcError(refusal, "UNIMPLEMENTED")).toBe(true);
  });

  it("answers an error with its status, its sentence and the next step", async () => {
    await using started = await startForTest(pluginWith(folder, newGate()));
    await expect(started.client(services.network).add({})).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      detail: "container_id is empty. Send one.",
    });
  });

  it("tells the handler when its caller gives up", async () => {
    const gate = newGate();
    await using started = await startForTest(pluginWith(folder, gate));
    const call = started
      .client(services.network)
      .add({ attachment: { container_id: "hang-1" } }, { deadlineMs: 50 });
    await expect(call).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await expect.poll(() => gate.aborted, { timeout: 60_000 }).toEqual(["hang-1"]);
  });

  it("lets the same request join and a different one wait", async () => {
    const gate = newGate();
    await using started = await startForTest(pluginWith(folder, gate));
    const network = started.client(services.network);
    const same = { attachment: { container_id: "hang-2" } };
    const different = { attachment: { container_id: "hang-2", ifname: "eth1" } };
    const calls = [network.add(same), network.add(same), network.add(different)];
    await network.add({ attachment: { container_id: "other" } });
    expect(gate.adds).toEqual(["hang-2", "other"]);
    gate.open.resolve();
    await Promise.all(calls);
    expect(gate.adds).toEqual(["hang-2", "other", "hang-2"]);
  });

  it("gives each configuration its own container and disposes the one replaced", async () => {
    const gate = newGate();
    await using started = await startForTest(pluginWith(folder, gate));
    const plugin = started.client(services.plugin);
    await plugin.configure({ config: toStruct({ greeting: "good morning" }), generation: "2" });
    await expect.poll(() => gate.disposed, { timeout: 60_000 }).toBe(1);
    const { result } = await started.client(services.network).add({ attachment: { container_id: "a" } });
    expect(result?.cni_version).toBe("good morning");
    const { facts } = await plugin.describe({});
    expect(facts).toMatchObject({ "configurations.live": "1", "configurations.disposed": "1" });
  });

  it("refuses a configuration with an unknown key, naming the nearest, and keeps the old one", async () => {
    await using started = await startForTest(pluginWith(folder, newGate()));
    const plugin = started.client(services.plugin);
    await expect(
      plugin.configure({ config: toStruct({ greting: "x" }), generation: "2" }),
    ).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      detail: expect.stringContaining("unknown key greting; did you mean greeting?"),
    });
    const { result } = await started.client(services.network).add({ attachment: { container_id: "a" } });
    expect(result?.cni_version).toBe("hello");
  });

  it("takes nothing new after a drain and gives the state lease back", async () => {
    const gate = newGate();
    await using first = await startForTest(pluginWith(folder, gate));
    await expect(
      startForTest(pluginWith(folder, newGate()), { stateDirectory: first.stateDirectory }),
    ).rejects.toThrow(/in use by process \d+/u);
    await first.client(services.plugin).drain({ within_ms: 100 });
    await expect(
      first.client(services.network).add({ attachment: { container_id: "b" } }),
    ).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
    await using second = await startForTest(pluginWith(folder, newGate()), {
      stateDirectory: first.stateDirectory,
    });
    await second.client(services.network).add({ attachment: { container_id: "b" } });
  });
});
