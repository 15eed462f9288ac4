import { type Clock, createToken, type Logger } from "@berth/base";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { PullSecrets } from "./contracts/pull-secrets.ts";
import type { NodePaths } from "./launch/instance-paths.ts";
import { defaultRestartNumbers } from "./supervise/crash-budget.ts";
import { defaultHealthNumbers } from "./supervise/health-account.ts";
import type { SupervisorNumbers } from "./supervise/supervisor-parts.ts";

/** How one node's plugin host is set up. */
export interface PluginHostOptions {
  readonly nodeName: string;
  readonly paths: NodePaths;
  /** Where packages may come from, as isAllowed reads it: "/opt/plugins", "oci:oci.example.com/acme"; absent allows any. */
  readonly allowedSources?: readonly string[];
  /** URL of the npm registry for sources that name none; when absent those are refused. */
  readonly npmRegistry?: string;
  /** As in Logins of package/lay-package.ts. */
  readonly registryAuthFile?: string;
  readonly npmrc?: string;
  /** Milliseconds in which all plugins of a new set must be ready; 60 s when absent. */
  readonly setBudgetMs?: number;
  /** Control group below which the node keeps its own; `berth/<node>` when absent. */
  readonly cgroup?: string;
  /** Command line of `berth-cni`, by which attached runtimes reach this node's network; absent offers them none. */
  readonly cniProgram?: readonly string[];
  /** Milliseconds for which plugins outlive the host; 60 s when absent. */
  readonly adoptionWindowMs?: number;
  /** First user id for plugins that want no privilege; absent runs them as the host's own user. */
  readonly firstUid?: number;
  readonly numbers?: Partial<SupervisorNumbers>;
}

/** What a plugin host is made of. */
export interface PluginHostParts {
  readonly options: PluginHostOptions;
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: a source that names a Secret is refused. */
  readonly pullSecrets?: PullSecrets;
}

export const pluginHostOptionsToken = createToken<PluginHostOptions>("pluginhost.options");

export const defaultNumbers: SupervisorNumbers = {
  restart: defaultRestartNumbers,
  health: defaultHealthNumbers,
  rescanMs: 10_000,
  drainMs: 30_000,
  renewMs: 10_000,
  watchMs: 60_000,
};
