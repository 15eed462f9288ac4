import { access, readFile } from "node:fs/promises";
import { errorMessage } from "@berth/base";
import { isErrno } from "@berth/linux";
import { PluginError } from "@berth/sdk";
import type { Look } from "../devices/device-health.ts";
import type { Gpu } from "../devices/gpu.ts";
import type { DeviceNode, GpuBackend } from "./gpu-backend.ts";
import { gpuIsLost, loadNvml, type Nvml, NvmlError, type NvmlHandle } from "./nvml.ts";

/** Device nodes that every container with a GPU needs, where the driver has made them. */
const controlNodes = ["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset"];

/**
 * XIDs that tell of a faulty program, not of a faulty device (NVIDIA, "XID Errors": graphics engine exception, memory page fault,
 * stopped processing, preemptive removal, video processor exception, and context switch timeout).
 */
const programXids = new Set([13, 31, 43, 45, 68, 109]);

interface OpenGpu {
  readonly gpu: Gpu;
  readonly handle: NvmlHandle;
}

/** What the NVIDIA driver finds. The library is loaded at the first look, and again when it could not be. */
export class NvmlBackend implements GpuBackend {
  readonly simulated = false;
  readonly environment = {};
  readonly #library: string;
  #nvml: Nvml | undefined;
  #open = new Map<string, OpenGpu>();

  constructor(library: string) {
    this.#library = library;
  }

  async list(): Promise<readonly Gpu[]> {
    const nvml = this.#load();
    const open = new Map<string, OpenGpu>();
    for (let index = 0; index < nvml.deviceCount(); index++) {
      const found = await this.#openAt(nvml, index);
      open.set(found.gpu.id, found);
    }
    this.#open = open;
    return [...open.values()].map(({ gpu }) => gpu);
  }

  look(gpus: readonly Gpu[]): Promise<ReadonlyMap<string, Look>> {
    const nvml = this.#load();
    const errors = nvml.criticalErrors().filter(({ xid }) => !programXids.has(xid));
    return Promise.resolve(
      new Map(
        gpus.map(({ id }): [string, Look] => [id, this.#lookAt(nvml, this.#open.get(id)?.handle, errors)]),
      ),
    );
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  async nodes(gpus: readonly Gpu[]): Promise<readonly DeviceNode[]> {
    const present = await Promise.all(controlNodes.map(async (path) => ((await exists(path)) ? [path] : [])));
    const paths = [...gpus.map(({ minor }) => `/dev/nvidia${minor}`), ...present.flat()];
    return paths.map((path) => ({ hostPath: path, containerPath: path }));
  }

  facts(): Record<string, string> {
    return { backend: "nvml", ...(this.#nvml ? { driver: this.#nvml.driverVersion() } : {}) };
  }

  dispose(): void {
    this.#nvml?.shutdown();
    this.#nvml = undefined;
  }

  #load(): Nvml {
    if (this.#nvml) return this.#nvml;
    try {
      return (this.#nvml = loadNvml(this.#library));
    } catch (error) {
      throw new PluginError(
        "FAILED_PRECONDITION",
        `the NVIDIA driver cannot be used through ${this.#library}: ${errorMessage(error)}`,
        "Install the driver, or set backend to simulated to try things out without a GPU.",
      );
    }
  }

  async #openAt(nvml: Nvml, index: number): Promise<OpenGpu> {
    const handle = nvml.handle(index);
    const id = nvml.uuid(handle);
    const known = this.#open.get(id);
    if (known && known.handle === handle && known.gpu.index === index) return known;
    const numaNode = await readNumaNode(nvml.pciBusId(handle));
    return { handle, gpu: { id, name: nvml.name(handle), index, minor: nvml.minor(handle), numaNode } };
  }

  #lookAt(
    nvml: Nvml,
    handle: NvmlHandle | undefined,
    errors: readonly { handle: NvmlHandle; xid: number }[],
  ): Look {
    if (handle === undefined)
      return { good: false, evidence: "the driver no longer lists it", certain: true };
    const error = errors.find((one) => one.handle === handle);
    if (error) return { good: false, evidence: `the driver reported XID ${error.xid}`, certain: true };
    try {
      nvml.uuid(handle);
      return { good: true };
    } catch (error) {
      if (!(error instanceof NvmlError)) throw error;
      return { good: false, evidence: error.message, certain: error.code === gpuIsLost };
    }
  }
}

/** -1 in the file stands for a machine with one memory domain. */
async function readNumaNode(pciBusId: string): Promise<number | undefined> {
  // The library writes eight digits of domain, the kernel four.
  const address = pciBusId.toLowerCase().replace(/^0000(?=[0-9a-f]{4}:)/u, "");
  try {
    const node = Number(await readFile(`/sys/bus/pci/devices/${address}/numa_node`, "utf8"));
    return node >= 0 ? node : undefined;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
