import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isErrno, makeNode, readDeviceNumber } from "@berth/linux";
import type { Look } from "../devices/device-health.ts";
import type { Gpu } from "../devices/gpu.ts";
import type { DeviceNode, GpuBackend } from "./gpu-backend.ts";

/** As /dev/null: reads end at once, writes vanish, nothing can break. */
const harmless = { major: 1, minor: 3 };

/**
 * Devices that compute nothing, for trying out everything around them. Each has a real device node. A file `faults/<index>` in
 * the state directory makes one unhealthy, with the file's text as the evidence; without the file it recovers.
 */
export class SimulatedBackend implements GpuBackend {
  readonly simulated = true;
  readonly environment = { BERTH_SIMULATED_GPU: "1" };
  readonly #gpus: readonly Gpu[];
  readonly #devices: string;
  readonly #faults: string;

  constructor(options: { count: number; nodeName: string; stateDirectory: string }) {
    this.#gpus = Array.from({ length: options.count }, (_, index) => ({
      id: deviceId(options.nodeName, index),
      name: "Simulated GPU",
      index,
      minor: index,
      numaNode: undefined,
    }));
    this.#devices = join(options.stateDirectory, "devices");
    this.#faults = join(options.stateDirectory, "faults");
  }

  list(): Promise<readonly Gpu[]> {
    return Promise.resolve(this.#gpus);
  }

  async look(gpus: readonly Gpu[]): Promise<ReadonlyMap<string, Look>> {
    return new Map(
      await Promise.all(gpus.map(async (gpu): Promise<[string, Look]> => [gpu.id, await this.#lookAt(gpu)])),
    );
  }

  async prepare(gpus: readonly Gpu[]): Promise<void> {
    await mkdir(this.#devices, { recursive: true, mode: 0o755 });
    await mkdir(this.#faults, { recursive: true, mode: 0o700 });
    for (const gpu of gpus) {
      const path = this.#node(gpu);
      if (!readDeviceNumber(path)) makeNode(path, "character", 0o666, harmless);
    }
  }

  nodes(gpus: readonly Gpu[]): Promise<readonly DeviceNode[]> {
    return Promise.resolve(
      gpus.map((gpu) => ({ hostPath: this.#node(gpu), containerPath: `/dev/nvidia${gpu.minor}` })),
    );
  }

  facts(): Record<string, string> {
    return { backend: "simulated", "fault injection": `a file named by the index in ${this.#faults}` };
  }

  dispose(): void {}

  async #lookAt(gpu: Gpu): Promise<Look> {
    try {
      const text = (await readFile(join(this.#faults, String(gpu.index)), "utf8")).trim();
      return { good: false, evidence: text || "a fault was injected", certain: true };
    } catch (error) {
      if (isErrno(error, "ENOENT")) return { good: true };
      throw error;
    }
  }

  #node(gpu: Gpu): string {
    return join(this.#devices, `gpu${gpu.minor}`);
  }
}

/** In the form of a GPU's UUID, the same for the same node and index. */
function deviceId(nodeName: string, index: number): string {
  const hash = createHash("sha256").update(`berth simulated gpu/${nodeName}/${index}`).digest("hex");
  const parts = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    hash.slice(12, 16),
    hash.slice(16, 20),
    hash.slice(20, 32),
  ];
  return `GPU-${parts.join("-")}`;
}
