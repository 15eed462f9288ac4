import type { Clock, Disposable, Logger } from "@berth/base";

import type { ApiClient, EventRecorder } from "../../client/contracts.ts";
import type { ClusterInformers } from "./cluster-informers.ts";

/** What every controller works with. */
export interface ControllerParts {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventRecorder;
  readonly informers: ClusterInformers;
}

/**
 * Brings one kind of thing to what it shall be. It listens to informers from its making on; `start` is called when
 * these have their first complete lists, after they have told of every object.
 */
export interface Controller extends Disposable {
  start?(): void;
}
