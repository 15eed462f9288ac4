import type { Clock, Disposable } from "@berth/base";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { ContractAdapter } from "../capabilities/contract-adapter.ts";
import type { PluginView } from "../contracts/plugin-host.ts";
import type { HostedPlugin } from "../hosted-plugin.ts";
import { Departures, leaverOf } from "../sets/departures.ts";

/** Why no process of a plugin runs on a drained node. */
export const drainedReason = "the node is drained; berth node undrain brings it back";

/** States without a process, on purpose or not, that a drain leaves as they are. */
const atRest: ReadonlySet<string> = new Set(["stopped", "disabled", "refused"]);

/**
 * Takes the plugins of a drained node out of service: each serves until nothing of what it made is in use here, and
 * those of the network stay until no runtime runs that could ask them to detach. A core that starts in the middle of it
 * goes on where the former was.
 */
export class NodeDrain implements Disposable {
  readonly label = "plugins of a drained node";
  /** Names of those that are out of service. */
  readonly #out: Bucket<true>;
  readonly #departures: Departures;
  #isOn = false;

  constructor(parts: {
    out: Bucket<true>;
    clock: Clock;
    /** More of them are out than before. */
    onOut: () => void;
    onDidChange: (name: string) => void;
  }) {
    this.#out = parts.out;
    this.#departures = new Departures({
      clock: parts.clock,
      onGone: (name) => {
        this.#out.put(name, true);
        parts.onOut();
      },
      onDidChange: parts.onDidChange,
    });
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  want(drained: boolean): void {
    this.#isOn = drained;
    if (!drained) for (const name of this.#out.keys()) this.#out.delete(name);
  }

  isOut(name: string): boolean {
    return this.#isOn && this.#out.get(name) === true;
  }

  /** Sees those off that are not out yet. */
  watch(plugins: readonly HostedPlugin[], adapterOf: (plugin: HostedPlugin) => ContractAdapter): void {
    const staying = this.#isOn
      ? plugins.filter(({ name, status }) => !this.isOut(name) && !atRest.has(status.state))
      : [];
    this.#departures.watch(
      staying.map((plugin) => {
        const adapter = adapterOf(plugin);
        const made = (name: string): string | Promise<string> =>
          this.#runtime(plugin, plugins) || (adapter.madeHere?.(name) ?? adapter.made(name));
        return leaverOf(plugin, { made });
      }),
    );
  }

  shown(view: PluginView): PluginView {
    if (!this.#isOn || this.isOut(view.name) || atRest.has(view.state)) return view;
    const since = view.state === "ready" ? "" : `; it is ${view.state}${view.reason && ` (${view.reason})`}`;
    const left = this.#departures.left(view.name);
    const reason = `the node is drained, it serves what is in use here until that is gone: ${left}${since}`;
    return { ...view, state: "draining", reason, capabilities: [] };
  }

  dispose(): void {
    this.#departures.dispose();
  }

  /** Why a plugin of the network stays; empty for all others. */
  #runtime(plugin: HostedPlugin, all: readonly HostedPlugin[]): string {
    if (plugin.contract !== "cni") return "";
    const runtime = all.find(
      ({ name, contract, status, isComing }) =>
        contract === "cri" && (isComing || !(this.isOut(name) || atRest.has(status.state))),
    );
    return runtime ? `runtime ${runtime.name}` : "";
  }
}
