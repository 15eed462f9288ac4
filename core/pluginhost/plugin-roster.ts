import { errorMessage, type Logger } from "@berth/base";
import type { DesiredPlugin } from "./contracts/plugin-host.ts";
import type { ContractKind } from "./contracts/plugin-types.ts";
import type { HostedPlugin } from "./hosted-plugin.ts";
import type { PluginMaker } from "./plugin-maker.ts";
import { AttachedPlugin } from "./upstream/attached-plugin.ts";
import type { Registered } from "./upstream/registered.ts";

/** In teardown whoever uses others goes before them. */
const teardownOrder: readonly ContractKind[] = ["cri", "device", "csi", "cni"];

export interface PluginRosterParts {
  readonly maker: PluginMaker;
  readonly logger: Logger;
  readonly onDidChange: (plugin: HostedPlugin) => void;
  /** Nothing of it is left but what it made on the node. */
  readonly onDidRemove: (name: string) => void;
}

/** The plugins that are on a node: those that objects ask for, and those that registered themselves. */
export class PluginRoster {
  readonly #parts: PluginRosterParts;
  readonly #wanted = new Map<string, HostedPlugin>();
  readonly #registered = new Map<string, AttachedPlugin>();
  /** The next of a name starts when the former is gone: they share folders, and the former's name is forgotten at its end. */
  readonly #leaving = new Map<string, Promise<void>>();
  #isOver = false;

  constructor(parts: PluginRosterParts) {
    this.#parts = parts;
  }

  all(): HostedPlugin[] {
    return [...this.#wanted.values(), ...this.#registered.values()];
  }

  /** Those that objects ask for. */
  wanted(): HostedPlugin[] {
    return [...this.#wanted.values()];
  }

  find(name: string): HostedPlugin | undefined {
    return this.#wanted.get(name) ?? this.#registered.get(name);
  }

  /** An object asks for it: makes it, or tells the one that is there. */
  want(desired: DesiredPlugin): void {
    const { name, spec } = desired;
    const known = this.#wanted.get(name);
    const isAttached = spec.source.endpoint !== undefined;
    if (known?.contract === spec.contract && known instanceof AttachedPlugin === isAttached)
      return known.update(desired);
    if (known) this.#remove(known);
    const plugin = this.#parts.maker.make(desired);
    this.#wanted.set(name, plugin);
    this.#observe(plugin);
    void this.#startAfter(this.#leaving.get(name), plugin);
  }

  /** Objects ask for these and no others. */
  retain(names: ReadonlySet<string>): void {
    for (const plugin of this.#wanted.values()) if (!names.has(plugin.name)) this.#remove(plugin);
  }

  attach({ desired, facts, notify }: Registered): void {
    const { name } = desired;
    if (this.#wanted.has(name)) return notify(`plugin ${name} is on this node already`);
    const former = this.#registered.get(name);
    const plugin = this.#parts.maker.makeAttached(desired, facts, notify);
    this.#registered.set(name, plugin);
    this.#observe(plugin);
    // The newer registration wins: the former process may not have noticed yet that it is gone.
    const before = former?.leave().then(() => former.link.recorder.close()) ?? this.#leaving.get(name);
    void this.#startAfter(before, plugin);
  }

  detach(name: string): void {
    const plugin = this.#registered.get(name);
    if (!plugin) return;
    this.#registered.delete(name);
    this.#takeAway(plugin);
  }

  /** Something that they may have waited for has happened. */
  wakeAll(except?: string): void {
    for (const plugin of this.all()) if (plugin.name !== except) plugin.wake();
  }

  /** Starts nobody any more. Resolves when those that were leaving are gone. */
  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#leaving.values());
  }

  /** Lets go of all of them, for the next host to find. */
  async leave(): Promise<void> {
    await Promise.all(this.all().map((plugin) => plugin.leave()));
    for (const { link } of this.all()) link.recorder.close();
  }

  /** Ends all of them, and what they made goes too. */
  async teardown(): Promise<void> {
    for (const contract of teardownOrder) {
      const plugins = this.all().filter((plugin) => plugin.contract === contract);
      await Promise.all(plugins.map((plugin) => this.#end(plugin, "teardown")));
    }
  }

  /** Ends those of a contract that objects ask for without asking them for anything; `onGone` is awaited for each. */
  async abandon(contract: ContractKind, onGone: (name: string) => Promise<void>): Promise<void> {
    const plugins = this.wanted().filter((plugin) => plugin.contract === contract);
    await Promise.all(
      plugins.map(async (plugin) => {
        this.#wanted.delete(plugin.name);
        await this.#end(plugin, "teardown", "kill");
        await onGone(plugin.name);
      }),
    );
  }

  async #startAfter(before: Promise<void> | undefined, plugin: HostedPlugin): Promise<void> {
    await before;
    if (!this.#isOver) plugin.start();
  }

  #observe(plugin: HostedPlugin): void {
    plugin.status.onDidChange(() => this.#parts.onDidChange(plugin));
  }

  #remove(plugin: HostedPlugin): void {
    this.#wanted.delete(plugin.name);
    this.#takeAway(plugin);
  }

  #takeAway(plugin: HostedPlugin): void {
    const { name } = plugin;
    const leaving = this.#end(plugin, "taken from this node").finally(() => {
      if (this.#leaving.get(name) === leaving) this.#leaving.delete(name);
      this.#parts.onDidRemove(name);
    });
    this.#leaving.set(name, leaving);
  }

  async #end(plugin: HostedPlugin, reason: string, how?: "kill"): Promise<void> {
    try {
      await plugin.remove(reason, how);
    } catch (error) {
      this.#parts.logger.error("a plugin could not be taken down", {
        plugin: plugin.name,
        error: errorMessage(error),
      });
    } finally {
      plugin.link.recorder.close();
    }
  }
}
