import type { PluginLink } from "../call/plugin-link.ts";
import type { PluginSpec } from "../contracts/plugin-types.ts";
import type { Manifest } from "../manifest/manifest.ts";

/** A plugin that serves, as the parts that make its contract available see it. */
export interface ConnectedPlugin {
  /** The Plugin object's name. */
  readonly name: string;
  /** "id@version": kept with everything it makes. */
  readonly madeBy: string;
  readonly manifest: Pick<Manifest, "id" | "version" | "contract"> & Partial<Pick<Manifest, "hostServices">>;
  readonly mode: "managed" | "attached";
  readonly config: Readonly<Record<string, unknown>>;
  readonly simulated: boolean;
  readonly facts: Readonly<Record<string, string>>;
  /** "service/Method" of what it says it implements; undefined when it does not say. */
  readonly verbs: ReadonlySet<string> | undefined;
  readonly spec: PluginSpec;
  readonly link: PluginLink;
}

export interface StillValid {
  readonly kind: string;
  readonly id: string;
  readonly context: Readonly<Record<string, string>>;
}

/** Makes the plugins of one contract available to the rest of the node. */
export interface ContractAdapter {
  /** A plugin of this name is wanted on this node; it will connect, sooner or later. */
  expect(plugin: string): void;
  /** What of this plugin's the node still believes in; not authoritative when the node cannot know all of it. */
  stillValid(plugin: string): { stillValid: readonly StillValid[]; authoritative: boolean };
  /**
   * Asks the plugin through its own contract what it can do and offers that to the node. Answers the capabilities as
   * PluginInstance.status carries them. Called again after every connect.
   */
  connect(plugin: ConnectedPlugin): Promise<readonly string[]>;
  /** It does not serve for now; what it offers is shown as not ready. */
  disconnect(plugin: string, reason: string): void;
  /** How it said last that it is: why it cannot do its work, empty when it can. */
  told?(plugin: string, unready: string): void;
  /** `held`: it takes nothing new and serves only what it made. */
  hold(plugin: string, held: boolean): void;
  /**
   * How much of what it made is still there, in words a person reads ("2 sandboxes"), empty for nothing. Rejects when
   * that cannot be known now.
   */
  made(plugin: string): string | Promise<string>;
  /** Of that what is in use on this node; all of it where this is absent. */
  madeHere?(plugin: string): string;
  /** It was taken from this node. */
  forget(plugin: string): void;
}

/** "1 sandbox", "2 sandboxes"; empty for none. */
export function counted(count: number, one: string, many: string): string {
  return count === 0 ? "" : `${count} ${count === 1 ? one : many}`;
}
