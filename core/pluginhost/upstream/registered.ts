import type { DesiredPlugin } from "../contracts/plugin-host.ts";

/** A plugin that registered itself, as the host is to attach it. */
export interface Registered {
  readonly desired: DesiredPlugin;
  readonly facts: Readonly<Record<string, string>>;
  /** Tells the plugin how it went: undefined when it is attached. */
  readonly notify: (error: string | undefined) => void;
}

/** What a Plugin object for such a socket would say. Resource names hold a slash, object names may not. */
export function attachedPlugin(name: string, contract: "csi" | "device", endpoint: string): DesiredPlugin {
  return {
    name: name.replaceAll("/", "-").toLowerCase(),
    generation: 0,
    spec: { contract, source: { endpoint: `unix://${endpoint}` } },
  };
}
