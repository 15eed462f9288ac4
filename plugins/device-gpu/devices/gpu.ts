/** One device as a backend finds it. */
export interface Gpu {
  /** Stable over restarts of the machine: the UUID. */
  readonly id: string;
  readonly name: string;
  /** Place in the backend's own list. */
  readonly index: number;
  /** N of /dev/nvidiaN. */
  readonly minor: number;
  /** Undefined where the machine has one memory domain or does not say. */
  readonly numaNode: number | undefined;
}
