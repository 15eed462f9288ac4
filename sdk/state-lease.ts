import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type FileLock, readLockHolder, tryLockFile } from "@berth/linux/file-lock.ts";

/** The right to change the plugin's durable state: one incarnation at a time, given back by the kernel on any end. */
export class StateLease {
  readonly #path: string;
  #lock: FileLock | undefined;

  constructor(stateDirectory: string) {
    mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
    this.#path = join(stateDirectory, ".lease");
  }

  get held(): boolean {
    return this.#lock !== undefined;
  }

  /** True when the lease is ours, now or before. */
  tryTake(): boolean {
    this.#lock ??= tryLockFile(this.#path);
    return this.held;
  }

  /** Pid of the other holder, for a sentence. */
  holder(): number | undefined {
    return readLockHolder(this.#path);
  }

  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }
}
