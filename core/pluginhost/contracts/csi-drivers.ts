import type { Event } from "@berth/base";
import type { ControllerDefinition } from "@berth/proto/generated/csi/csi/v1/Controller.ts";
import type { NodeDefinition } from "@berth/proto/generated/csi/csi/v1/Node.ts";
import type { UnaryClient } from "./unary-client.ts";

/** CSI drivers of this node. */
export interface CsiDrivers {
  /** By the name the driver gives itself. */
  driver(name: string): CsiDriver | undefined;
  list(): readonly CsiDriver[];
  readonly onDidChange: Event<void>;
}

/** One driver, whichever plugin serves it. The calls are made through deadline, lane, breaker and recorder. */
export interface CsiDriver {
  readonly name: string;
  readonly plugin: string;
  readonly ready: boolean;
  readonly nodeId: string;
  readonly topology: Readonly<Record<string, string>>;
  readonly maxVolumesPerNode: number;
  readonly nodeCapabilities: ReadonlySet<string>;
  readonly pluginCapabilities: ReadonlySet<string>;
  readonly node: UnaryClient<NodeDefinition>;
  /** Undefined for a driver whose controller side somebody else runs. */
  readonly controller:
    | (UnaryClient<ControllerDefinition> & {
        readonly capabilities: ReadonlySet<string>;
      })
    | undefined;
}
