import type { Disposable } from "@berth/base";
import type { Pod } from "../../api/index.ts";
import type { PodActual } from "../actual/pod-actual.ts";
import type { RuntimeHandler } from "../../pluginhost/contracts/index.ts";
import type { ProbeVerdicts } from "./decisions.ts";

/** The probes of one pod: they follow its running containers and wake its worker when a verdict changes. */
export interface PodProbes extends ProbeVerdicts, Disposable {
  /** Starts probes of containers that run and ends those of containers that do not. */
  follow(pod: Pod, actual: PodActual, handler: RuntimeHandler): void;
}

export type PodProbesFactory = (wake: () => void) => PodProbes;
