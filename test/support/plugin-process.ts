import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";

/** A plugin started by hand in a process of its own, as an operator would. */
export interface PluginProcess {
  readonly endpoint: string;
  readonly pid: number;
  /** Resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

const readyTimeoutMs = 60_000;

/** State, socket and log lie in `folder`, so that a second start finds what the first one kept. */
export async function startPluginProcess(
  pluginFolder: string,
  folder: string,
  options: Readonly<Record<string, string>>,
  config: Readonly<Record<string, unknown>>,
): Promise<PluginProcess> {
  mkdirSync(folder, { recursive: true });
  const endpoint = options["endpoint"] ?? `unix://${join(folder, "p.sock")}`;
  const configPath = join(folder, "config.json");
  writeFileSync(configPath, JSON.stringify(config));
  const log = join(folder, "plugin.log");
  const output = openSync(log, "a");
  const all = { "state-dir": join(folder, "plugin-state"), config: configPath, ...options, endpoint };
  const manifest = JSON.parse(readFileSync(join(pluginFolder, "plugin.json"), "utf8")) as {
    privileges?: { capabilities?: string[] };
  };
  const capabilities = (manifest.privileges?.capabilities ?? []).map((name) => name.slice(4).toLowerCase());
  const bounds = ["-all", ...capabilities.map((name) => `+${name}`)].join(",");
  // With what a host would leave it.
  const child = spawn(
    "setpriv",
    [
      `--bounding-set=${bounds}`,
      "--inh-caps=-all",
      "--",
      process.execPath,
      join(pluginFolder, "main.ts"),
      ...Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
    ],
    { stdio: ["ignore", output, output], detached: true },
  );
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const early = gone.then(() => {
    throw new Error(
      `the plugin ended before it was ready: ${existsSync(log) ? readFileSync(log, "utf8").slice(-2000) : ""}`,
    );
  });
  await Promise.race([untilServing(endpoint), early]);
  return {
    endpoint,
    pid: child.pid!,
    async kill(signal) {
      child.kill(signal);
      await gone;
    },
  };
}

function untilServing(endpoint: string): Promise<void> {
  const client = new Client(endpoint, credentials.createInsecure(), { "grpc.max_reconnect_backoff_ms": 100 });
  return new Promise<void>((resolve, reject) => {
    client.waitForReady(Date.now() + readyTimeoutMs, (error) => (error ? reject(error) : resolve()));
  }).finally(() => client.close());
}
