import { PluginError } from "@berth/sdk";

/** berth.cni.v1.NetworkPlugin. Add add, del, check and gc next; status then answers OK. */
export class NetworkVerbs {
  version() {
    return { cni_version: "1.1.0", supported_versions: ["1.1.0"] };
  }

  status(): Record<string, never> {
    throw new PluginError("UNAVAILABLE", "__ID__ cannot attach anything yet", "Implement add and del.");
  }
}
