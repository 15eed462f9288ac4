import type { Clock, Disposable, Logger } from "@berth/base";

import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { ApiClient, EventRecorder } from "../client/contracts.ts";
import type { CsiDriver, CsiDrivers } from "../pluginhost/contracts/index.ts";
import type { DriverDuties } from "./driver-duties.ts";
import type { VolumeInformers } from "./volume-informers.ts";

/** What every part of the controller side works with. */
export interface VolumeParts {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventRecorder;
  /** Of this node: the controller side runs beside the driver. */
  readonly drivers: CsiDrivers;
  /** What of the drivers' work is this node's, where others host them too. */
  readonly duties: DriverDuties;
  readonly checkpoint: Checkpoint;
  readonly informers: VolumeInformers;
}

/** Listens from its making on; `start` is called when the informers have told of every object. */
export interface VolumePart extends Disposable {
  start?(): void;
}

export type ControllerSide = NonNullable<CsiDriver["controller"]>;

/** The controller side of a driver if it can be called now; else why not. */
export function controllerOf(
  drivers: CsiDrivers,
  name: string,
): { readonly driver: CsiDriver; readonly controller: ControllerSide } | { readonly reason: string } {
  const driver = drivers.driver(name);
  if (!driver) {
    return {
      reason: `waiting for driver "${name}": no plugin provides it; install one or correct storageclass.provisioner`,
    };
  }
  if (!driver.controller) {
    return {
      reason: `waiting for driver "${name}": its plugin ${driver.plugin} leaves the controller side to somebody else`,
    };
  }
  if (!driver.ready) {
    return { reason: `waiting for driver "${name}": its plugin ${driver.plugin} is not ready` };
  }
  return { driver, controller: driver.controller };
}
