import { ContainerModule, type ServiceIdentifier } from "inversify";

import { type Clock, createToken, type Logger, type Token } from "@berth/base";

import type { ApiClient, EventRecorder } from "../client/contracts.ts";
import { Elections, type Part } from "../client/elections.ts";
import { Scheduler } from "./scheduler.ts";

/** The API as `system:kube-scheduler`; core/main provides it. */
export const SchedulerClient: Token<ApiClient> = createToken<ApiClient>("scheduler.client");
export const SchedulerEvents: Token<EventRecorder> = createToken<EventRecorder>("scheduler.events");
export const SchedulerPart: Token<Part> = createToken<Part>("scheduler");

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;

export const schedulerModule = new ContainerModule(({ bind }) => {
  bind(id(SchedulerPart))
    .toResolvedValue(
      (api: ApiClient, clock: Clock, logger: Logger, events: EventRecorder, elections: Elections) =>
        elections.elect("kube-scheduler", api, () => new Scheduler({ api, clock, logger, events })),
      [
        id(SchedulerClient),
        id(createToken<Clock>("clock")),
        id(createToken<Logger>("logger")),
        id(SchedulerEvents),
        id(Elections),
      ],
    )
    .inSingletonScope();
});
