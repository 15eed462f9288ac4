import { ContainerModule, type ServiceIdentifier } from "inversify";

import { type Clock, createToken, type Logger, type Token } from "@berth/base";

import { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { ApiClient, EventRecorder } from "../client/contracts.ts";
import type { CsiDrivers } from "../pluginhost/contracts/index.ts";
import { VolumeControllers } from "./volume-controllers.ts";

/** The API as `system:kube-controller-manager`; core/main provides it. */
export const VolumesClient: Token<ApiClient> = createToken<ApiClient>("volumes.client");
export const VolumesEvents: Token<EventRecorder> = createToken<EventRecorder>("volumes.events");
/** `PluginHost.csi` of this node; core/main provides it. */
export const VolumesDrivers: Token<CsiDrivers> = createToken<CsiDrivers>("volumes.drivers");
export const Volumes: Token<VolumeControllers> = createToken<VolumeControllers>("volumes");

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;

export const volumesModule = new ContainerModule(({ bind }) => {
  bind(id(Volumes))
    .toResolvedValue(
      (
        api: ApiClient,
        clock: Clock,
        logger: Logger,
        events: EventRecorder,
        drivers: CsiDrivers,
        checkpoint: Checkpoint,
      ) => new VolumeControllers({ api, clock, logger, events, drivers, checkpoint }),
      [
        id(VolumesClient),
        id(createToken<Clock>("clock")),
        id(createToken<Logger>("logger")),
        id(VolumesEvents),
        id(VolumesDrivers),
        id(Checkpoint),
      ],
    )
    .inSingletonScope();
});
