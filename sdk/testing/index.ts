import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, type Logger, silentLogger } from "@berth/base";
import { Connection, type PromiseClient, type ServiceKey } from "@berth/verbs";
import type { PluginDefinition } from "../plugin-definition.ts";
import { RunningPlugin } from "../running-plugin.ts";

/** A plugin served in this process on a socket of its own. */
export interface PluginUnderTest extends AsyncDisposable {
  readonly endpoint: string;
  readonly stateDirectory: string;
  readonly plugin: RunningPlugin<unknown>;
  client<Definition, Handlers>(key: ServiceKey<Definition, Handlers>): PromiseClient<Definition, Handlers>;
  /** Ends the plugin; the state directory stays when it was given from outside. */
  stop(reason?: string): Promise<void>;
}

/** Starts a plugin by hand, in a temporary directory unless one is given. `await using` ends it and removes all. */
export async function startForTest<Config>(
  definition: PluginDefinition<Config>,
  options: {
    config?: Record<string, unknown>;
    stateDirectory?: string;
    options?: Record<string, string>;
    nodeName?: string;
    log?: Logger;
    clock?: Clock;
  } = {},
): Promise<PluginUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), "berth-plugin-"));
  const endpoint = `unix://${join(folder, "p.sock")}`;
  const stateDirectory = options.stateDirectory ?? join(folder, "state");
  const plugin = await RunningPlugin.start(
    definition,
    {
      mode: "by-hand",
      endpoint,
      stateDirectory,
      runDirectory: join(folder, "run"),
      nodeName: options.nodeName ?? "node-a",
      options: options.options ?? {},
      config: options.config ?? {},
    },
    { log: options.log ?? silentLogger, ...(options.clock ? { clock: options.clock } : {}) },
  ).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const connection = new Connection(endpoint);
  const stop = async (reason = "test over"): Promise<void> => {
    connection.dispose();
    await plugin.stop(reason, 1000);
    await rm(folder, { recursive: true, force: true });
  };
  return {
    endpoint,
    stateDirectory,
    plugin: plugin as unknown as RunningPlugin<unknown>,
    client: (key) => connection.client(key),
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}
