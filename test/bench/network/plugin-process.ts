import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Connection, services } from "@berth/verbs";

/** cni-bridge as its own process, called over its socket as a host would. */
export class PluginProcess {
  readonly #child: ChildProcess;
  readonly #connection: Connection;

  private constructor(child: ChildProcess, connection: Connection) {
    this.#child = child;
    this.#connection = connection;
  }

  static async start(folder: string, config: { bridge: string; subnet: string }): Promise<PluginProcess> {
    const main = join(import.meta.dirname, "../../../plugins/cni-bridge/main.ts");
    const endpoint = `unix://${join(folder, "p.sock")}`;
    const configFile = join(folder, "config.json");
    const log = join(folder, "log");
    writeFileSync(configFile, JSON.stringify({ bridge: config.bridge, ranges: [{ subnet: config.subnet }] }));
    const output = openSync(log, "w");
    const args = [main, "--endpoint", endpoint, "--config", configFile, "--state-dir", join(folder, "state")];
    const child = spawn(process.execPath, args, { stdio: ["ignore", output, output] });
    closeSync(output);
    const connection = new Connection(endpoint);
    const ended = once(child, "exit").then(() => {
      throw new Error(`cni-bridge did not start: ${readFileSync(log, "utf8")}`);
    });
    await Promise.race([connection.ready(30_000), ended]);
    ended.catch(() => undefined);
    return new PluginProcess(child, connection);
  }

  async add(id: string, netns: string, hostPort: number): Promise<void> {
    const config = {
      cni_version: "1.1.0",
      name: "bench",
      runtime_config: { port_mappings: [{ host_port: hostPort, container_port: 80, protocol: "tcp" }] },
    };
    await this.#connection.client(services.network).add({ config, attachment: attachment(id, netns) });
  }

  async del(id: string, netns: string): Promise<void> {
    const config = { cni_version: "1.1.0", name: "bench" };
    await this.#connection.client(services.network).del({ config, attachment: attachment(id, netns) });
  }

  /** Takes bridge and table down too. */
  async end(): Promise<void> {
    const exited = once(this.#child, "exit");
    await this.#connection.client(services.plugin).shutdown({ reason: "teardown" });
    await exited;
    this.#connection.dispose();
  }
}

function attachment(id: string, netns: string) {
  return { container_id: id, ifname: "eth0", netns };
}
