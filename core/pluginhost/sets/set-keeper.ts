import { type Clock, Emitter } from "@berth/base";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { DesiredPlugin, DesiredWorld, NodeSet, PluginView, SetView } from "../contracts/plugin-host.ts";
import { judgeSet } from "./judge-set.ts";

/** What a set decides on a node. Without a name: no set applies. */
export interface SetChoice {
  readonly name?: string;
  readonly revision: number;
  readonly plugins: readonly string[];
  readonly defaultRuntimeHandler?: string;
  readonly networkChain?: readonly string[];
}

/** What the node must remember of its sets: a core that starts in the middle of a switch goes on serving the old one. */
export interface SetRecord {
  readonly inForce: SetChoice;
  /** Plugins that no set wants any more and that still serve what they made. */
  readonly leaving: readonly string[];
}

/** What the plugins of a node are to do at this moment. */
export interface PresentWorld {
  readonly plugins: readonly PresentPlugin[];
  readonly defaultRuntimeHandler: string | undefined;
  readonly networkChain: readonly string[] | undefined;
}

export interface PresentPlugin {
  readonly desired: DesiredPlugin;
  /** `preparing` and `leaving` take nothing new; `leaving` goes when the last of what it made is gone. */
  readonly role: "serving" | "preparing" | "leaving";
}

interface Pending {
  readonly choice: SetChoice;
  /** Choice and definitions: what has failed is not tried again before one of them changes. */
  readonly key: string;
  /** Monotonic milliseconds. */
  readonly since: number;
}

const recordKey = "node";
const noSet: SetChoice = { revision: 0, plugins: [] };

/**
 * Holds one set in force while the next one is made ready beside it, and changes over in one step or not at all. It
 * only decides: whoever owns it runs the plugins of {@link present} and tells how they are.
 */
export class SetKeeper implements NodeSet {
  readonly #memory: Bucket<SetRecord>;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #budgetMs: number;
  readonly #changed = new Emitter<SetView>();
  #record: SetRecord | undefined;
  #world: DesiredWorld = { plugins: [] };
  #pending: Pending | undefined;
  #waitsFor = "";
  #failed: { choice: SetChoice; key: string; reason: string } | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(parts: {
    memory: Bucket<SetRecord>;
    clock: Pick<Clock, "monotonic">;
    /** Milliseconds in which all plugins of a new set must have become ready. */
    budgetMs: number;
  }) {
    this.#memory = parts.memory;
    this.#clock = parts.clock;
    this.#budgetMs = parts.budgetMs;
    this.#record = parts.memory.get(recordKey);
  }

  get view(): SetView {
    const inForce = this.#record?.inForce;
    return {
      inForce: inForce?.name === undefined ? undefined : identity(inForce),
      preparing: this.#pending && { ...identity(this.#pending.choice), reason: this.#waitsFor },
      failed: this.#failed && { ...identity(this.#failed.choice), reason: this.#failed.reason },
    };
  }

  get isSwitching(): boolean {
    return this.#pending !== undefined;
  }

  want(world: DesiredWorld): void {
    this.#world = world;
    const choice = choiceOf(world);
    const { inForce } = this.#record ?? {};
    const isPlain = inForce?.name === undefined || choice.name === undefined || isSame(inForce, choice);
    if (isPlain) return this.#adopt(choice);
    const key = JSON.stringify([choice, choice.plugins.map((name) => this.#definition(name)?.spec)]);
    if (this.#failed?.key === key || this.#pending?.key === key) return;
    this.#abandon();
    this.#failed = undefined;
    this.#pending = { choice, key, since: this.#clock.monotonic() };
    this.#waitsFor = "";
    this.#changed.fire(this.view);
  }

  get present(): PresentWorld {
    const { inForce, leaving } = this.#record ?? { inForce: noSet, leaving: [] };
    const roles = new Map<string, PresentPlugin["role"]>(leaving.map((name) => [name, "leaving"]));
    for (const name of this.#pending?.choice.plugins ?? []) roles.set(name, "preparing");
    const ofSet = new Set(this.#world.set?.plugins);
    for (const { name } of this.#world.plugins) if (!ofSet.has(name)) roles.set(name, "serving");
    for (const name of inForce.plugins) roles.set(name, "serving");
    const plugins = [...roles].flatMap(([name, role]) => {
      const desired = this.#definition(name);
      return desired ? [{ desired, role }] : [];
    });
    const { defaultRuntimeHandler, networkChain } = inForce;
    return { plugins, defaultRuntimeHandler, networkChain };
  }

  /** Says whether {@link present} is another one now. */
  look(views: readonly PluginView[]): boolean {
    if (!this.#pending || !this.#record) return false;
    const { choice, since, key } = this.#pending;
    const { inForce, leaving } = this.#record;
    const verdict = judgeSet(choice.plugins, [...inForce.plugins, ...leaving], views);
    const isLate = this.#clock.monotonic() - since >= this.#budgetMs;
    if (verdict.outcome === "ready") this.#adopt(choice);
    else if (verdict.outcome === "failed" || isLate) {
      const within = verdict.outcome === "failed" ? "" : `not ready within ${this.#budgetMs / 1000} s: `;
      this.#abandon();
      this.#failed = { choice, key, reason: `${within}${verdict.reason}` };
      this.#changed.fire(this.view);
    } else {
      if (verdict.reason !== this.#waitsFor) {
        this.#waitsFor = verdict.reason;
        this.#changed.fire(this.view);
      }
      return false;
    }
    return true;
  }

  /** The last of what it made is gone. */
  gone(plugin: string): void {
    const { inForce, leaving } = this.#record ?? { inForce: noSet, leaving: [] };
    this.#remember(
      inForce,
      leaving.filter((name) => name !== plugin),
    );
  }

  #definition(name: string): DesiredPlugin | undefined {
    const { plugins, others = [] } = this.#world;
    return [...plugins, ...others].find((plugin) => plugin.name === name);
  }

  #adopt(choice: SetChoice): void {
    const before = JSON.stringify(this.view);
    const { inForce, leaving } = this.#record ?? { inForce: noSet, leaving: [] };
    const former = [...leaving, ...inForce.plugins, ...(this.#pending?.choice.plugins ?? [])];
    const wanted = new Set([...choice.plugins, ...this.#world.plugins.map(({ name }) => name)]);
    this.#pending = undefined;
    this.#failed = undefined;
    this.#remember(
      choice,
      [...new Set(former)].filter((name) => !wanted.has(name) && this.#definition(name)),
    );
    if (JSON.stringify(this.view) !== before) this.#changed.fire(this.view);
  }

  /** What was started for a set that does not come into force leaves as any other replaced plugin does. */
  #abandon(): void {
    const { inForce, leaving } = this.#record ?? { inForce: noSet, leaving: [] };
    const started = this.#pending?.choice.plugins.filter((name) => !inForce.plugins.includes(name)) ?? [];
    this.#pending = undefined;
    if (started.length > 0) this.#remember(inForce, [...new Set([...leaving, ...started])]);
  }

  #remember(inForce: SetChoice, leaving: readonly string[]): void {
    const record = { inForce, leaving };
    if (JSON.stringify(record) === JSON.stringify(this.#record)) return;
    this.#record = record;
    this.#memory.put(recordKey, record);
  }
}

function choiceOf({ set, defaultRuntimeHandler, networkChain }: DesiredWorld): SetChoice {
  return {
    ...(set ?? noSet),
    ...(defaultRuntimeHandler === undefined ? {} : { defaultRuntimeHandler }),
    ...(networkChain === undefined ? {} : { networkChain }),
  };
}

function identity({ name = "", revision }: SetChoice): { name: string; revision: number } {
  return { name, revision };
}

/** Another revision of the same content asks nothing new of the node. */
function isSame(a: SetChoice, b: SetChoice): boolean {
  const content = (choice: SetChoice): string =>
    JSON.stringify([choice.name, choice.plugins, choice.defaultRuntimeHandler, choice.networkChain]);
  return content(a) === content(b);
}
