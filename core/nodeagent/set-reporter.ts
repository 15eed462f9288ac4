import { isDeepStrictEqual } from "node:util";
import { type Disposable, errorMessage } from "@berth/base";
import type { PluginInstance, PluginSet } from "../api/index.ts";
import { ApiError, type Informer, type WorkQueue } from "../client/contracts.ts";
import { clientOf, resources } from "../client/resources.ts";
import { retryOnConflict } from "../client/retry-on-conflict.ts";
import { createWorkQueue } from "../client/work-queue.ts";
import type { SetView } from "../pluginhost/contracts/index.ts";
import type { NodeAgentParts } from "./node-agent.ts";
import { setOnNode, setSummary } from "./set-summary.ts";

/** Writes what this node makes of each PluginSet into its status, and tells of a switch in events. */
export class SetReporter implements Disposable {
  readonly label: string;
  readonly #parts: NodeAgentParts;
  readonly #sets: Pick<Informer<PluginSet>, "list" | "get">;
  readonly #instances: Pick<Informer<PluginInstance>, "list">;
  readonly #writes: WorkQueue<string>;
  readonly #subscription: Disposable;
  #told: SetView;

  constructor(
    parts: NodeAgentParts,
    sets: Pick<Informer<PluginSet>, "list" | "get">,
    instances: Pick<Informer<PluginInstance>, "list">,
  ) {
    const { clock, host, logger, nodeName } = parts;
    this.label = `sets of node ${nodeName}`;
    this.#parts = parts;
    this.#sets = sets;
    this.#instances = instances;
    this.#writes = createWorkQueue<string>({
      name: this.label,
      clock,
      parallel: 2,
      work: (set) => this.#write(set),
      onError: (set, error, failures) =>
        logger.warn("what a set is on this node could not be written", {
          set,
          failures,
          error: errorMessage(error),
        }),
    });
    this.#told = host.set.view;
    this.#subscription = host.set.onDidChange((view) => {
      this.#tell(view);
      this.touchAll();
    });
  }

  /** A plugin has changed. */
  touch(plugin: string): void {
    for (const { metadata, spec } of this.#sets.list())
      if (spec.plugins.includes(plugin)) this.#writes.add(metadata.name ?? "");
  }

  touchAll(): void {
    for (const { metadata } of this.#sets.list()) this.#writes.add(metadata.name ?? "");
  }

  async dispose(): Promise<void> {
    await this.#subscription.dispose();
    await this.#writes.dispose();
  }

  #tell(view: SetView): void {
    const { inForce, failed } = view;
    const former = this.#told;
    this.#told = view;
    const { events, nodeName } = this.#parts;
    const about = (name: string): PluginSet | undefined => this.#sets.get(name);
    if (inForce && !isDeepStrictEqual(inForce, former.inForce)) {
      const set = about(inForce.name);
      const message = `revision ${inForce.revision} is in force on node ${nodeName}`;
      if (set) events.event(set, "Normal", "SetInForce", message);
    }
    if (failed && !isDeepStrictEqual(failed, former.failed)) {
      const set = about(failed.name);
      const keeps = inForce ? `set ${inForce.name} keeps serving` : "nothing is changed";
      if (set) events.event(set, "Warning", "SetFailed", `on node ${nodeName}: ${failed.reason}; ${keeps}`);
    }
  }

  async #write(name: string): Promise<void> {
    const { api, clock, host, nodeName } = this.#parts;
    const client = clientOf(api, resources.pluginSets);
    const said = setOnNode(name, nodeName, host.set.view);
    try {
      await retryOnConflict(async () => {
        const set = await client.get(name);
        const now = new Date(clock.now()).toISOString();
        const status = setSummary(set, { node: nodeName, said }, this.#instances.list(), now);
        if (isSame(status, set.status)) return;
        await client.update({ ...set, status }, { subresource: "status" });
      });
    } catch (error) {
      if (!ApiError.is(error, "NotFound")) throw error;
    }
  }
}

/** The API leaves out what is empty. */
function isSame(a: object, b: object | undefined): boolean {
  const whole = (value: object | undefined): unknown =>
    JSON.parse(
      JSON.stringify(value ?? {}, (_, member: unknown) =>
        member === "" || (Array.isArray(member) && member.length === 0) ? undefined : member,
      ),
    );
  return isDeepStrictEqual(whole(a), whole(b));
}
