import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { silentLogger, systemClock } from "@berth/base";
import type { ConfigMap } from "../../core/api/index.ts";
import { createApiClient, httpsTransport, type ResourceClient } from "../../core/client/index.ts";
import { openPki } from "../../core/http/index.ts";
import type { ServerProcessSettings } from "./server-process.ts";

const script = join(import.meta.dirname, "server-process.ts");

/** A server process that is killed and started again, and clients of it. */
export class CrashServer {
  readonly settings: ServerProcessSettings;
  #child: ChildProcess | undefined;

  constructor(settings: ServerProcessSettings) {
    this.settings = settings;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [script, JSON.stringify(this.settings)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    const ready = new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the API server ended with ${String(code)} before it answered`);
    });
    await Promise.race([ready, ended]);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** A client of its own connections. */
  async connect(): Promise<{ maps: ResourceClient<ConfigMap>; dispose: () => void }> {
    const { folder, port } = this.settings;
    const pki = await openPki({ folder: join(folder, "pki"), clock: systemClock, logger: silentLogger });
    const certificate = await pki.leaf("crash-client", {
      commonName: "crash-client",
      organizations: ["system:masters"],
      usages: ["client"],
    });
    const transport = httpsTransport({
      server: `https://127.0.0.1:${port}`,
      authority: pki.authorityCertificate,
      certificate,
      user: "crash-client",
    });
    const maps = createApiClient(transport).resource<ConfigMap>({
      group: "",
      version: "v1",
      resource: "configmaps",
      namespaced: true,
    });
    return { maps, dispose: () => transport.dispose() };
  }
}
