import { chmodSync, existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Disposable, Logger } from "@berth/base";
import type { ServiceKey } from "@berth/verbs";
import { HostError, type HostVerb, serveUnary } from "./serve-unary.ts";

/** One host service, its verbs made for the instance that calls. */
export interface HostService {
  readonly name: string;
  readonly key: ServiceKey;
  readonly verbs: Readonly<Record<string, HostVerb>>;
}

/** The socket on which the host serves one plugin instance; who calls is known by where it calls. */
export class HostSocket implements Disposable {
  readonly label: string;
  readonly #path: string;
  readonly #logger: Logger;
  #server: Server | undefined;
  #granted: ReadonlySet<string> = new Set();

  constructor(path: string, logger: Logger) {
    this.label = `host services on ${path}`;
    this.#path = path;
    this.#logger = logger;
  }

  /** From now on these services are granted; the others refuse. A socket that somebody deleted is made again. */
  async offer(granted: readonly string[], offered: readonly HostService[]): Promise<void> {
    this.#granted = new Set(granted);
    if (granted.length === 0 || (this.#server && existsSync(this.#path))) return;
    // Calls under way end by themselves; the plugin's connection is its way to the new socket only once it dials.
    this.#server?.tryShutdown((error) => {
      if (error) this.#logger.debug("a former host socket did not shut down", { error: error.message });
    });
    const server = new Server({ "grpc.max_receive_message_length": 4 * 1024 * 1024 });
    for (const service of offered) serveUnary(server, service.key, this.#guarded(service), this.#logger);
    await rm(this.#path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix://${this.#path}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    chmodSync(this.#path, 0o600);
    this.#server = server;
  }

  async dispose(): Promise<void> {
    this.#server?.forceShutdown();
    this.#server = undefined;
    await rm(this.#path, { force: true });
  }

  #guarded(service: HostService): Record<string, HostVerb> {
    const guard =
      (verb: HostVerb): HostVerb =>
      (request, parent) => {
        if (this.#granted.has(service.name)) return verb(request, parent);
        throw new HostError(
          "PERMISSION_DENIED",
          `host service ${service.name} is not granted; name it in hostServices of plugin.json and in spec.grants`,
        );
      };
    return Object.fromEntries(Object.entries(service.verbs).map(([name, verb]) => [name, guard(verb)]));
  }
}
