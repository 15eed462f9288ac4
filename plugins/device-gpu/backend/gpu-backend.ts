import type { Look } from "../devices/device-health.ts";
import type { Gpu } from "../devices/gpu.ts";

/** Where devices come from. */
export interface GpuBackend {
  /** Not real silicon: said in every listing. */
  readonly simulated: boolean;
  /** Devices now. Throws with the reason when the backend itself cannot work. */
  list(): Promise<readonly Gpu[]>;
  /** One look at each device listed. */
  look(gpus: readonly Gpu[]): Promise<ReadonlyMap<string, Look>>;
  /** Makes what containers will be given; once, when this process may write. */
  prepare(gpus: readonly Gpu[]): Promise<void>;
  /** Device nodes for a container that has these devices. */
  nodes(gpus: readonly Gpu[]): Promise<readonly DeviceNode[]>;
  /** Environment beyond the list of visible devices. */
  readonly environment: Readonly<Record<string, string>>;
  /** "driver 550.54", "simulated". */
  facts(): Readonly<Record<string, string>>;
  dispose(): void;
}

export interface DeviceNode {
  readonly hostPath: string;
  readonly containerPath: string;
}
