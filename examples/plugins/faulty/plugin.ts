import { setTimeout as sleep } from "node:timers/promises";
import {
  type Call,
  createToken,
  definePlugin,
  implement,
  PluginError,
  type PluginLife,
  services,
} from "@berth/sdk";

interface Config {
  readonly fault: "none" | "crash" | "hang" | "slow" | "leave" | "unready" | "refuse";
  readonly slowMs: number;
}

const Settings = createToken<Config>("faulty.settings");
const Life = createToken<PluginLife>("faulty.life");

/** Status goes wrong in the way that the configuration names. */
class FaultyVerbs {
  readonly #config: Config;

  constructor(config: Config) {
    this.#config = config;
  }

  version() {
    return { cni_version: "1.1.0", supported_versions: ["1.1.0"] };
  }

  async status(_request: unknown, call: Call) {
    switch (this.#config.fault) {
      case "crash":
        process.kill(process.pid, "SIGKILL");
        break;
      case "leave":
        process.exit(3);
        break;
      case "hang":
        // Not even an aborted call wakes it: what a stuck disk does.
        await new Promise(() => {});
        break;
      case "slow":
        await sleep(this.#config.slowMs, undefined, { signal: call.signal });
        break;
      default:
        break;
    }
    return {};
  }
}

export const plugin = definePlugin<Config>({
  folder: import.meta.dirname,
  services: [implement(services.network, FaultyVerbs, (parts) => new FaultyVerbs(parts.get(Settings)))],
  configure(parts, config) {
    if (config.fault === "refuse") {
      throw new PluginError("FAILED_PRECONDITION", "this machine lacks a part", "Install the part.");
    }
    parts.bind(Settings, () => config);
    parts.bind(Life, () => ({
      probe: () => (config.fault === "unready" ? "its backend is away" : undefined),
    }));
  },
  life: (parts) => parts.get(Life),
});
