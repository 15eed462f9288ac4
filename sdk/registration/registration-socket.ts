import { join } from "node:path";
import type { Server } from "@grpc/grpc-js";
import type { Disposable, Logger } from "@berth/base";
import { implement } from "../plugin-definition.ts";
import { PluginServer } from "../plugin-server.ts";
import { VerbServer } from "../verb-server.ts";
import type { Configuration } from "../configurations.ts";
import { services } from "@berth/verbs";

/** What the node learns about a plugin from a socket in its registration folder. */
export interface RegistrationInfo {
  /** CSIPlugin or DevicePlugin. */
  readonly type: string;
  readonly name: string;
  /** Path of the socket where the plugin serves. */
  readonly endpoint: string;
  readonly versions: readonly string[];
}

/** A socket in the node's registration folder, so that no separate registrar process is needed. */
export async function serveRegistration(
  folder: string,
  info: RegistrationInfo,
  log: Logger,
): Promise<Disposable> {
  const verbs = {
    getInfo: () => ({
      type: info.type,
      name: info.name,
      endpoint: info.endpoint,
      supported_versions: [...info.versions],
    }),
    notifyRegistrationStatus(status: { plugin_registered: boolean; error: string }) {
      if (status.plugin_registered) log.info("registered with the node", { name: info.name });
      else log.error("the node refuses the registration and will ask again", { error: status.error });
      return {};
    },
  };
  const always = { implementation: () => verbs, enter() {}, leave() {} } as unknown as Configuration;
  const server = new PluginServer(
    `unix://${join(folder, `${info.name.replaceAll("/", "_")}-reg.sock`)}`,
    (grpc: Server) =>
      new VerbServer(() => Promise.resolve(always), log).addTo(grpc, [
        implement(services.registration, ["getInfo", "notifyRegistrationStatus"], () => verbs),
      ]),
  );
  await server.listen();
  return server;
}
