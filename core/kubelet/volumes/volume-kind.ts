import type { Pod, Volume } from "../../api/index.ts";

/** A volume as containers get it. */
export interface MountedVolume {
  readonly name: string;
  /** On the node. */
  readonly path: string;
  /** Read-only whatever the container asks for. */
  readonly readOnly: boolean;
}

/** Makes volumes of one kind ready on the node. */
export interface VolumeKind {
  /** True for the volumes that this kind is for. */
  accepts(volume: Volume): boolean;
  /** Makes the volume ready; doing it again changes nothing. Rejects with volumeError. */
  setUp(pod: Pod, volume: Volume, signal: AbortSignal): Promise<MountedVolume>;
  /** Brings content that follows API objects up to date. */
  refresh?(pod: Pod, volume: Volume): Promise<void>;
}
