import type { ContractAdapter } from "../capabilities/contract-adapter.ts";
import type { Daemons } from "../daemons/daemons.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { PackageStore } from "../package/package-store.ts";
import type { RestartNumbers } from "./crash-budget.ts";
import type { HealthNumbers } from "./health-account.ts";
import type { InstanceMemory } from "./instance-memory.ts";
import type { InstanceParts } from "./instance-parts.ts";
import type { StartTurns } from "./start-turns.ts";

/** Everything one supervisor needs beside its plugin's own definition. */
export interface SupervisorParts extends InstanceParts {
  readonly packages: PackageStore;
  readonly daemons: Daemons;
  readonly adapter: ContractAdapter;
  readonly memory: InstanceMemory;
  /** Why a need is not met, as one sentence; undefined when all are. */
  readonly unmet: (needs: readonly string[]) => string | undefined;
  /** Why it would be of no use to start now; undefined when all needs are met or on their way. */
  readonly missing: (needs: readonly string[]) => string | undefined;
  /** Offers the host services that a manifest asks for on the instance's own socket. */
  readonly offerHost: (manifest: Manifest) => Promise<void>;
  readonly report: (type: "Normal" | "Warning", reason: string, message: string) => void;
  /** Shared by all plugins of the node. */
  readonly turns: StartTurns;
  readonly numbers: SupervisorNumbers;
}

/** All in milliseconds, except where the parts say otherwise. */
export interface SupervisorNumbers {
  readonly restart: RestartNumbers;
  readonly health: HealthNumbers;
  readonly rescanMs: number;
  readonly drainMs: number;
  /** For an adopted process to renew its handshake. */
  readonly renewMs: number;
  /** After an update, a crash within this time brings the former version back. */
  readonly watchMs: number;
}
