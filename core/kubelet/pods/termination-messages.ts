import type { Pod } from "../../api/index.ts";
import type { PodActual } from "../actual/pod-actual.ts";
import { allContainers } from "./pod-containers.ts";
import type { PodGround } from "./pod-parts.ts";

/** What ended containers left to say, read once for each. */
export class TerminationMessages {
  readonly #texts = new Map<string, string>();
  readonly #ground: Pick<PodGround, "terminationMessage">;

  constructor(ground: Pick<PodGround, "terminationMessage">) {
    this.#ground = ground;
  }

  /** By container id. */
  get texts(): ReadonlyMap<string, string> {
    return this.#texts;
  }

  async collect(pod: Pod, actual: PodActual): Promise<void> {
    for (const ended of actual.containers) {
      if (ended.phase !== "exited" || this.#texts.has(ended.id)) continue;
      const container = allContainers(pod).find(({ spec }) => spec.name === ended.name);
      this.#texts.set(
        ended.id,
        container ? await this.#ground.terminationMessage(pod, container, ended) : "",
      );
    }
    for (const id of this.#texts.keys()) {
      if (!actual.containers.some((container) => container.id === id)) this.#texts.delete(id);
    }
  }
}
