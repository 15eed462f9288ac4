import type { Clock, Disposable, Logger } from "@berth/base";
import type { PluginManifest } from "../manifest.ts";
import type { PluginServer } from "../plugin-server.ts";
import { KubeletDeviceRegistration } from "./kubelet-devices.ts";
import { serveRegistration } from "./registration-socket.ts";

/** Options with which a plugin that was started by hand makes itself known to an upstream kubelet. */
export function registrationOptions(contract: string): Record<string, string> {
  if (contract === "csi") {
    return {
      "registration-dir": "an upstream kubelet's plugins_registry: makes a registration socket there",
    };
  }
  if (contract === "device") {
    return {
      "kubelet-socket":
        "an upstream kubelet's device-plugins/kubelet.sock: registers there, again when it restarts",
    };
  }
  return {};
}

/** Starts what the options ask for; undefined when they ask for nothing. */
export async function register(context: {
  manifest: PluginManifest;
  options: Readonly<Record<string, string>>;
  /** Driver or resource, as the configuration names it. */
  name: string | undefined;
  server: PluginServer;
  clock: Clock;
  log: Logger;
}): Promise<Disposable | undefined> {
  const { manifest, options, name, server, clock, log } = context;
  const folder = options["registration-dir"];
  const socket = options["kubelet-socket"];
  if (folder === undefined && socket === undefined) return undefined;
  if (name === undefined)
    throw new Error(`${manifest.id} has no name to register under: its life lacks registration`);
  if (folder !== undefined) {
    // The kubelet compares versions of CSI as numbers and knows nothing of v1.
    return serveRegistration(
      folder,
      { type: "CSIPlugin", name, endpoint: server.path, versions: ["1.0.0"] },
      log,
    );
  }
  const registration = new KubeletDeviceRegistration({
    socket: socket!,
    resource: name,
    own: server,
    clock,
    log,
  });
  registration.start();
  return registration;
}
