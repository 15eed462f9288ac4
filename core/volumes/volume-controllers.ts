import { type Disposable, DisposableStack } from "@berth/base";

import { Informers } from "../client/informers.ts";
import type { Elections } from "../client/elections.ts";
import { Attacher } from "./attacher.ts";
import { DriverDuties } from "./driver-duties.ts";
import { Expander } from "./expander.ts";
import { Provisioner } from "./provisioner.ts";
import { volumeInformers } from "./volume-informers.ts";
import type { VolumePart, VolumeParts } from "./volume-parts.ts";
import { VolumeRemover } from "./volume-remover.ts";

/** The controller side of the CSI drivers on this node. */
export class VolumeControllers implements Disposable {
  readonly label = "volume controllers";
  readonly #stack = new DisposableStack("volume controllers");
  readonly #informers: Informers;
  readonly #duties: DriverDuties;
  readonly #all: readonly VolumePart[];

  constructor(shared: Omit<VolumeParts, "informers" | "duties"> & { readonly elections: Elections }) {
    this.#informers = this.#stack.use(new Informers("volume controllers", shared));
    const informers = volumeInformers(this.#informers);
    this.#duties = this.#stack.use(new DriverDuties({ ...shared, informers }));
    const parts = { ...shared, informers, duties: this.#duties };
    this.#all = [new Provisioner(parts), new VolumeRemover(parts), new Expander(parts), new Attacher(parts)];
    for (const part of this.#all) this.#stack.use(part);
  }

  /** Resolves when every part has seen the cluster and is at work. */
  async start(): Promise<void> {
    await this.#informers.start();
    this.#duties.start();
    for (const part of this.#all) part.start?.();
  }

  dispose(): Promise<void> {
    return this.#stack.dispose();
  }
}
