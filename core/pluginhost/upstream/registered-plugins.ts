import type { AttachedPlugin } from "./attached-plugin.ts";
import type { Registered } from "./registrations.ts";

export interface RegisteredPluginsParts {
  /** An object asks for a plugin of that name. */
  readonly isTaken: (name: string) => boolean;
  readonly make: (registered: Registered) => AttachedPlugin;
  readonly startAfter: (before: Promise<void> | undefined, plugin: AttachedPlugin) => Promise<void>;
  readonly takeAway: (plugin: AttachedPlugin) => Promise<void>;
}

/** Plugins that registered themselves; no object asks for them. */
export class RegisteredPlugins {
  readonly #parts: RegisteredPluginsParts;
  readonly #plugins = new Map<string, AttachedPlugin>();
  /** A new instance starts only when what the old one leaves behind is forgotten: else it would be forgotten too. */
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(parts: RegisteredPluginsParts) {
    this.#parts = parts;
  }

  list(): AttachedPlugin[] {
    return [...this.#plugins.values()];
  }

  attach(registered: Registered): void {
    const { name } = registered.desired;
    if (this.#parts.isTaken(name)) return registered.notify(`plugin ${name} is on this node already`);
    const former = this.#plugins.get(name);
    const plugin = this.#parts.make(registered);
    this.#plugins.set(name, plugin);
    // The newer registration wins: the former process may not have noticed yet that it is gone.
    const before = former?.leave().then(() => former.link.recorder.close()) ?? this.#leaving.get(name);
    void this.#parts.startAfter(before, plugin);
  }

  detach(name: string): void {
    const plugin = this.#plugins.get(name);
    if (!plugin) return;
    this.#plugins.delete(name);
    const leaving = this.#parts.takeAway(plugin).finally(() => {
      if (this.#leaving.get(name) === leaving) this.#leaving.delete(name);
    });
    this.#leaving.set(name, leaving);
  }
}
