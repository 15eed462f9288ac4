import type { PluginLink } from "./call/plugin-link.ts";
import type { DebugEvent } from "./contracts/plugin-tools.ts";
import type { DesiredPlugin } from "./contracts/plugin-host.ts";
import type { NeedHolder } from "./supervise/need-board.ts";
import type { PluginStatus } from "./supervise/plugin-status.ts";

/** A plugin of this node, whoever runs its process. */
export interface HostedPlugin extends NeedHolder {
  readonly status: PluginStatus;
  readonly link: PluginLink;
  start(): void;
  /** Does nothing when the definition is the one that is there already. */
  update(desired: DesiredPlugin): void;
  /** Something that it may have waited for has happened. */
  wake(): void;
  /** Absent where the host does not run the process. */
  debug?(signal: AbortSignal): AsyncIterable<DebugEvent>;
  /** It goes from this node for good. With reason "teardown" all that it made goes too; "kill": it is not asked for anything. */
  remove(reason: string, how?: "ask" | "kill"): Promise<void>;
  /** The host ends; the plugin is left as it is. */
  leave(): Promise<void>;
}
