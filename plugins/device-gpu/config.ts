/** Configuration as plugin.json describes it, defaults filled in. */
export interface GpuConfig {
  readonly backend: "nvml" | "simulated";
  readonly resource: string;
  readonly library: string;
  readonly inject: "nodes" | "cdi";
  readonly simulatedCount: number;
  readonly healthIntervalMs: number;
  readonly recoverAfterLooks: number;
}
