import { type Clock, Emitter, errorMessage, type Logger, type Timer } from "@berth/base";
import type { GpuBackend } from "../backend/gpu-backend.ts";
import { contractHealth, type DeviceHealth, healthy, nextHealth } from "./device-health.ts";
import type { Gpu } from "./gpu.ts";

export interface KnownGpu extends Gpu {
  readonly health: DeviceHealth;
}

/** The devices and how they are, looked at again and again. */
export class DeviceInventory {
  readonly #backend: GpuBackend;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #intervalMs: number;
  readonly #recoverAfter: number;
  readonly #changed = new Emitter<void>();
  #gpus: readonly KnownGpu[] = [];
  #problem: string | undefined = "the devices have not been looked at yet";
  #timer: Timer | undefined;
  #stopped = false;

  readonly onDidChange = this.#changed.event;

  constructor(options: {
    backend: GpuBackend;
    clock: Clock;
    log: Logger;
    intervalMs: number;
    recoverAfter: number;
  }) {
    this.#backend = options.backend;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#intervalMs = options.intervalMs;
    this.#recoverAfter = options.recoverAfter;
  }

  get gpus(): readonly KnownGpu[] {
    return this.#gpus;
  }

  /** Why the backend as a whole cannot work; undefined when it can. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** The first look, and all that follow until disposed. */
  async start(): Promise<void> {
    await this.look();
    if (this.#stopped) return;
    this.#timer = this.#clock.after(this.#intervalMs, () => void this.start(), { background: true });
  }

  async look(): Promise<void> {
    const before = fingerprint(this.#gpus, this.#problem);
    try {
      const found = await this.#backend.list();
      const looks = await this.#backend.look(found);
      const known = new Map(this.#gpus.map((gpu) => [gpu.id, gpu.health]));
      this.#gpus = found.map((gpu) => {
        const look = looks.get(gpu.id) ?? { good: false, evidence: "not looked at", certain: false };
        return { ...gpu, health: nextHealth(known.get(gpu.id) ?? healthy, look, this.#recoverAfter) };
      });
      this.#problem = undefined;
    } catch (error) {
      this.#problem = errorMessage(error);
      const lost = { state: "unhealthy", evidence: this.#problem, looks: 0 } as const;
      this.#gpus = this.#gpus.map((gpu) => ({ ...gpu, health: lost }));
    }
    if (fingerprint(this.#gpus, this.#problem) === before) return;
    this.#log.info("devices changed", {
      devices: this.#gpus.map(({ id, health }) => `${id} ${health.state} ${health.evidence}`.trimEnd()),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    });
    this.#changed.fire();
  }

  dispose(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }
}

function fingerprint(gpus: readonly KnownGpu[], problem: string | undefined): string {
  return JSON.stringify([
    problem,
    gpus.map(({ id, health }) => [id, contractHealth(health), health.state, health.evidence]),
  ]);
}
