import { type Disposable, DisposableStack } from "@berth/base";

import { Informers } from "../client/informers.ts";
import { Attacher } from "./attacher.ts";
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
  readonly #all: readonly VolumePart[];

  constructor(shared: Omit<VolumeParts, "informers">) {
    this.#informers = this.#stack.use(new Informers("volume controllers", shared));
    const parts = { ...shared, informers: volumeInformers(this.#informers) };
    this.#all = [new Provisioner(parts), new VolumeRemover(parts), new Expander(parts), new Attacher(parts)];
    for (const part of this.#all) this.#stack.use(part);
  }

  /** Resolves when every part has seen the cluster and is at work. */
  async start(): Promise<void> {
    await this.#informers.start();
    for (const part of this.#all) part.start?.();
  }

  dispose(): Promise<void> {
    return this.#stack.dispose();
  }
}
