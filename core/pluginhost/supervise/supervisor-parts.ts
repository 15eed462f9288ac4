import type { ContractAdapter } from "../capabilities/contract-adapter.ts";
import type { LastCause } from "../contracts/plugin-types.ts";
import type { Daemons } from "../daemons/daemons.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { PackageStore } from "../package/package-store.ts";
import type { RestartNumbers } from "./crash-budget.ts";
import type { HealthNumbers } from "./health.ts";
import type { InstanceParts } from "./instance-parts.ts";

/** Everything one supervisor needs beside its plugin's own definition. */
export interface SupervisorParts extends InstanceParts {
  readonly packages: PackageStore;
  readonly daemons: Daemons;
  readonly adapter: ContractAdapter;
  readonly memories: Bucket<InstanceMemory>;
  /** Why a need is not met, as one sentence; undefined when all are. */
  readonly unmet: (needs: readonly string[]) => string | undefined;
  /** Offers the host services that a manifest asks for on the instance's own socket. */
  readonly offerHost: (manifest: Manifest) => Promise<void>;
  readonly report: (type: "Normal" | "Warning", reason: string, message: string) => void;
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

/** What is remembered of one plugin across restarts of the host. */
export interface InstanceMemory {
  /** Of the last process that was started. */
  readonly incarnation: number;
  /** The incarnation to which calls went. */
  readonly serving: number;
  readonly restarts: number;
  readonly configGeneration: number;
  readonly lastCause?: LastCause;
  readonly isQuarantined?: boolean;
}

export const emptyMemory: InstanceMemory = { incarnation: 0, serving: 0, restarts: 0, configGeneration: 0 };
