import type { Clock, Logger } from "@berth/base";
import type { ProcessWatcher } from "@berth/linux";
import type { HandshakeServer } from "../launch/handshake-server.ts";
import type { InstancePaths } from "../launch/instance-paths.ts";
import type { PluginGroups } from "../launch/plugin-groups.ts";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { ProcessRecord } from "./process-record.ts";

/** What all incarnations of one plugin on one node share. */
export interface InstanceParts {
  readonly plugin: string;
  /** `<plugin>.<node>`. */
  readonly instance: string;
  readonly nodeName: string;
  readonly paths: InstancePaths;
  readonly handshakes: HandshakeServer;
  /** Undefined where control groups are missing. */
  readonly groups: PluginGroups | undefined;
  /** User of a plugin that wants no privilege; undefined runs it as the host's own. */
  readonly uid: number | undefined;
  readonly records: Bucket<ProcessRecord>;
  readonly watcher: ProcessWatcher;
  readonly adoptionWindowMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}
