import { isAbsolute } from "node:path";
import { errorMessage, type Logger } from "@berth/base";
import { Connection, services } from "@berth/verbs";
import type { DesiredPlugin } from "../contracts/plugin-host.ts";
import { attachedPlugin, type Registered } from "./registered.ts";
import { type FolderWatching, type SocketFile, WatchedFolder } from "./watched-folder.ts";

const askMs = 5000;

export interface RegistrationParts extends FolderWatching {
  readonly attach: (registered: Registered) => void;
  readonly detach: (name: string) => void;
}

/** Upstream plugins that show up in the kubelet's registration directory, as pluginregistration.v1 says. */
export class RegistrationFolder {
  readonly #folder: WatchedFolder;
  readonly #logger: Logger;
  readonly #attach: (registered: Registered) => void;
  readonly #detach: (name: string) => void;
  /** By socket path: which socket it was, and the plugin's name once it is known. */
  readonly #seen = new Map<string, { id: string; name: string | undefined }>();

  constructor(folder: string, parts: RegistrationParts) {
    this.#logger = parts.logger;
    this.#attach = parts.attach;
    this.#detach = parts.detach;
    this.#folder = new WatchedFolder(folder, { ...parts, onSockets: (sockets) => this.#compare(sockets) });
  }

  dispose(): Promise<void> {
    return this.#folder.dispose();
  }

  #compare(sockets: readonly SocketFile[]): void {
    const now = new Map(sockets.map((socket) => [socket.path, socket.id]));
    for (const [path, { id, name }] of this.#seen) {
      if (now.get(path) === id) continue;
      this.#seen.delete(path);
      // Another socket may have come to speak for the same plugin meanwhile: then it stays.
      const others = [...this.#seen.values()].some((other) => other.name === name);
      if (name !== undefined && !others && !now.has(path)) this.#detach(name);
    }
    for (const [path, id] of now) {
      if (this.#seen.has(path)) continue;
      this.#seen.set(path, { id, name: undefined });
      void this.#register(path, id);
    }
  }

  async #register(path: string, id: string): Promise<void> {
    const connection = new Connection(path);
    try {
      const client = connection.client(services.registration);
      const info = await client.getInfo({}, { deadlineMs: askMs });
      const desired = registeredPlugin(info, path);
      if (typeof desired === "string") {
        await client.notifyRegistrationStatus(
          { plugin_registered: false, error: desired },
          { deadlineMs: askMs },
        );
        throw new Error(desired);
      }
      if (this.#seen.get(path)?.id !== id) return;
      this.#seen.set(path, { id, name: desired.name });
      const facts = {
        ...(info.type === "DevicePlugin" && { resource: info.name }),
        registration: path,
      };
      this.#attach({ desired, facts, notify: (error) => void this.#notify(path, error) });
    } catch (error) {
      // A socket that does not answer may be stale or not ready yet; the next scan asks again.
      if (this.#seen.get(path)?.id === id) this.#seen.delete(path);
      this.#logger.warn("registration refused", { socket: path, error: errorMessage(error) });
    } finally {
      connection.dispose();
    }
  }

  async #notify(path: string, error: string | undefined): Promise<void> {
    const connection = new Connection(path);
    try {
      const client = connection.client(services.registration);
      const status = { plugin_registered: error === undefined, error: error ?? "" };
      await client.notifyRegistrationStatus(status, { deadlineMs: askMs });
    } catch (failure) {
      this.#logger.warn("a plugin could not be told about its registration", {
        socket: path,
        error: errorMessage(failure),
      });
    } finally {
      connection.dispose();
    }
  }
}

const kinds: Readonly<Record<string, { contract: "csi" | "device"; versions: readonly string[] }>> = {
  CSIPlugin: { contract: "csi", versions: ["1"] },
  DevicePlugin: { contract: "device", versions: ["v1beta1"] },
};

/** The plugin to attach, or why not, as one sentence. */
export function registeredPlugin(
  info: { type: string; name: string; endpoint: string; supported_versions: readonly string[] },
  socket: string,
): DesiredPlugin | string {
  const kind = Object.hasOwn(kinds, info.type) ? kinds[info.type] : undefined;
  if (!kind) return `type ${info.type} is not one of ${Object.keys(kinds).join(", ")}`;
  if (!info.name) return "name is empty";
  const speaks = info.supported_versions.some((version) =>
    kind.versions.some((known) => version.replace(/^v(?=\d+\.)/, "").startsWith(known)),
  );
  if (!speaks) {
    return `supported_versions ${info.supported_versions.join(", ")} hold none of ${kind.versions.join(", ")}`;
  }
  const endpoint = info.endpoint === "" ? socket : info.endpoint.replace(/^unix:\/\//, "");
  if (!isAbsolute(endpoint)) return `endpoint ${info.endpoint} is not an absolute path`;
  return attachedPlugin(info.name, kind.contract, endpoint);
}
