import type { Clock, Logger } from "@berth/base";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { ApiClient, EventRecorder } from "../client/contracts.ts";
import type { KeyPair } from "../http/index.ts";
import type { PluginHost } from "../pluginhost/contracts/index.ts";
import type { KubeletOptions } from "./kubelet-options.ts";

/** What one node's kubelet is made of. */
export interface KubeletParts {
  readonly options: KubeletOptions;
  /** The API as `system:node:<name>`. */
  readonly client: ApiClient;
  readonly host: Pick<PluginHost, "runtimes" | "csi" | "devices" | "network" | "tools">;
  readonly checkpoint: Checkpoint;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Serving certificate of the kubelet's own port, as it is now. */
  readonly serving: () => Promise<KeyPair>;
  /** PEM of the authority of callers' certificates, as it is now. */
  readonly clientAuthority: () => string;
}
