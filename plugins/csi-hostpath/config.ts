/** Configuration as plugin.json describes it, defaults filled in. */
export interface HostpathConfig {
  readonly driverName: string;
  readonly directory: string;
  readonly capacityBytes: number;
  readonly maxVolumeBytes: number;
  readonly defaultVolumeBytes: number;
  readonly maxVolumesPerNode: number;
}
