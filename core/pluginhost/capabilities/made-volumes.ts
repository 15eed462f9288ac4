import type { Bucket } from "../../checkpoint/checkpoint.ts";
import { VerbError } from "../contracts/verb-error.ts";
import type { CsiDriver } from "../contracts/csi-drivers.ts";

/** Something of a volume that exists because a driver was asked for it. */
export interface MadeRecord {
  /** "id@version" of the plugin. */
  readonly madeBy: string;
}

type Controller = NonNullable<CsiDriver["controller"]>;

/**
 * Remembers which volumes of a driver exist, and where they are staged and published on this node, until they are
 * undone. Staging and publishing are noted before they are asked for, since whoever asks undoes them even when they
 * fail; a volume is noted when it has an id.
 */
export class MadeVolumes {
  readonly #records: Bucket<MadeRecord>;

  constructor(records: Bucket<MadeRecord>) {
    this.#records = records;
  }

  /** Different volumes of a plugin of which something is left. */
  count(plugin: string): number {
    return new Set(this.#kept(plugin).map(([volume]) => volume)).size;
  }

  /** Of these the ones that are staged or published on this node. */
  countHere(plugin: string): number {
    const here = this.#kept(plugin).filter(([, path]) => path !== "");
    return new Set(here.map(([volume]) => volume)).size;
  }

  /** Whether something of the volume is left. */
  has(plugin: string, volume: string): boolean {
    return this.#records.keys(`${keyOf(plugin, volume)} `).length > 0;
  }

  #kept(plugin: string): string[][] {
    const prefix = keyOf(plugin);
    return this.#records.keys(prefix).map((key) => key.slice(prefix.length).split(" "));
  }

  node(plugin: string, madeBy: string, node: CsiDriver["node"]): CsiDriver["node"] {
    const begin = (volume: string, path: string): void =>
      this.#records.put(keyOf(plugin, volume, path), { madeBy });
    const end = (volume: string, path: string) => void this.#records.delete(keyOf(plugin, volume, path));
    return {
      ...node,
      nodeStageVolume: (request, options) => {
        begin(request.volume_id ?? "", request.staging_target_path ?? "");
        return node.nodeStageVolume(request, options);
      },
      nodeUnstageVolume: async (request, options) => {
        const answer = await node.nodeUnstageVolume(request, options);
        end(request.volume_id ?? "", request.staging_target_path ?? "");
        return answer;
      },
      nodePublishVolume: (request, options) => {
        begin(request.volume_id ?? "", request.target_path ?? "");
        return node.nodePublishVolume(request, options);
      },
      nodeUnpublishVolume: async (request, options) => {
        const answer = await node.nodeUnpublishVolume(request, options);
        end(request.volume_id ?? "", request.target_path ?? "");
        return answer;
      },
    };
  }

  /** `isHeld` is asked at each call. */
  controller(plugin: string, madeBy: string, controller: Controller, isHeld: () => boolean): Controller {
    return {
      ...controller,
      createVolume: async (request, options) => {
        if (isHeld()) {
          const reason = `plugin ${plugin} is being replaced and makes no new volumes; it serves those it made`;
          throw new VerbError(`${plugin}: csi.v1.Controller/CreateVolume`, "UNAVAILABLE", reason, {
            retryable: true,
          });
        }
        const answer = await controller.createVolume(request, options);
        this.#records.put(keyOf(plugin, answer.volume?.volume_id ?? "", ""), { madeBy });
        return answer;
      },
      deleteVolume: async (request, options) => {
        const answer = await controller.deleteVolume(request, options);
        this.#records.delete(keyOf(plugin, request.volume_id ?? "", ""));
        return answer;
      },
    };
  }
}

/** A volume's id may hold anything; the parts of a key may not. */
function keyOf(plugin: string, ...rest: string[]): string {
  return [plugin, ...rest.map(encodeURIComponent)].join(" ") + (rest.length === 0 ? " " : "");
}
