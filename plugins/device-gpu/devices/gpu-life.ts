import type { PluginLife } from "@berth/sdk";
import type { GpuBackend } from "../backend/gpu-backend.ts";
import type { DeviceInventory } from "./inventory.ts";

/** How the plugin is, in words an operator reads. */
export class GpuLife implements PluginLife {
  readonly #inventory: DeviceInventory;
  readonly #backend: GpuBackend;
  readonly #resource: string;

  constructor(inventory: DeviceInventory, backend: GpuBackend, resource: string) {
    this.#inventory = inventory;
    this.#backend = backend;
    this.#resource = resource;
  }

  get simulated(): boolean {
    return this.#backend.simulated;
  }

  get registration() {
    return { name: this.#resource };
  }

  async activate(): Promise<void> {
    await this.#backend.prepare(this.#inventory.gpus);
  }

  probe(): string | undefined {
    return this.#inventory.problem;
  }

  /** `resource` is read by the node: what pods ask for. */
  facts(): Record<string, string> {
    const unwell = this.#inventory.gpus.filter(({ health }) => health.state !== "healthy");
    return {
      resource: this.#resource,
      ...this.#backend.facts(),
      devices: String(this.#inventory.gpus.length),
      ...Object.fromEntries(unwell.map(({ id, health }) => [id, `${health.state}: ${health.evidence}`])),
    };
  }
}
