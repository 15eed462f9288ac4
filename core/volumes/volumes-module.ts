import { ContainerModule, type ServiceIdentifier } from "inversify";

import { type Clock, createToken, type Logger, type Token } from "@berth/base";

import { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { ApiClient, EventRecorder } from "../client/contracts.ts";
import { Elections } from "../client/elections.ts";
import { PluginHost } from "../pluginhost/contracts/index.ts";
import { VolumeControllers } from "./volume-controllers.ts";

/** The API as `system:kube-controller-manager`; core/main provides it. */
export const VolumesClient: Token<ApiClient> = createToken<ApiClient>("volumes.client");
export const VolumesEvents: Token<EventRecorder> = createToken<EventRecorder>("volumes.events");
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
        host: PluginHost,
        checkpoint: Checkpoint,
        elections: Elections,
      ) => new VolumeControllers({ api, clock, logger, events, drivers: host.csi, checkpoint, elections }),
      [
        id(VolumesClient),
        id(createToken<Clock>("clock")),
        id(createToken<Logger>("logger")),
        id(VolumesEvents),
        id(PluginHost),
        id(Checkpoint),
        id(Elections),
      ],
    )
    .inSingletonScope();
});
