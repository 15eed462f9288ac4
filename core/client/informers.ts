import type { Clock, Disposable, Logger } from "@berth/base";

import type { ApiClient, ApiObject, Informer, InformerOptions } from "./contracts.ts";
import { createInformer } from "./informer.ts";
import { clientOf, type TypedResource } from "./resources.ts";

/** The informers of one part, made before it starts, started and ended together. */
export class Informers implements Disposable {
  readonly label: string;
  readonly #parts: { readonly api: ApiClient; readonly clock: Clock; readonly logger: Logger };
  readonly #all: Pick<Informer<ApiObject>, "start" | "synced" | "dispose">[] = [];

  constructor(owner: string, parts: { api: ApiClient; clock: Clock; logger: Logger }) {
    this.label = `informers of ${owner}`;
    this.#parts = parts;
  }

  of<T extends ApiObject>(name: TypedResource<T>, options: InformerOptions<T> = {}): Informer<T> {
    const { api, clock, logger } = this.#parts;
    const informer = createInformer({
      ...options,
      name: name.resource,
      client: clientOf(api, name),
      clock,
      logger,
    });
    this.#all.push(informer);
    return informer;
  }

  /** Resolves when each has its first complete list. */
  async start(signal?: AbortSignal): Promise<void> {
    for (const informer of this.#all) informer.start();
    await Promise.all(this.#all.map((informer) => informer.synced(signal)));
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#all.map(async (informer) => informer.dispose()));
  }
}
