import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Disposable, Logger } from "@berth/base";
import { services } from "@berth/verbs";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import { chainVerbs } from "../broker/chain-verbs.ts";
import { HostSocket } from "../broker/host-socket.ts";
import type { NetworkBroker } from "../broker/network-broker.ts";
import type { ConnectedPlugin, ContractAdapter } from "../capabilities/contract-adapter.ts";
import type { NodeRuntimes } from "../capabilities/node-runtimes.ts";
import { checkSocketPath } from "../launch/instance-paths.ts";
import { type CniFiles, cniFiles, networkName, removeCniFiles, writeCniFiles } from "./cni-files.ts";
import { type CniFolders, readRuntimeCni, type RuntimeCni } from "./runtime-cni.ts";

export interface AttachedRuntimesParts {
  readonly runtimes: NodeRuntimes;
  readonly network: NetworkBroker;
  /** By plugin: what lies in a runtime's folders because of us, also after a kill of the host. */
  readonly files: Bucket<CniFiles>;
  readonly nodeName: string;
  /** Folder for the sockets that `berth-cni` dials. */
  readonly folder: string;
  /** Command line of `berth-cni`; undefined where this host was given none. */
  readonly program: readonly string[] | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A runtime reads its folder again within moments of a change. */
const loadMs = 10_000;
const lookMs = 50;

/**
 * Runtimes that somebody else runs call CNI themselves. With `network: berth` the host lays a configuration in their
 * folder that leads to this node's chain; with `network: runtime` it leaves their networking alone.
 */
export class AttachedRuntimes implements ContractAdapter, Disposable {
  readonly label = "networks of attached runtimes";
  readonly #parts: AttachedRuntimesParts;
  readonly #sockets = new Map<string, HostSocket>();
  readonly #closing = new Set<Promise<void>>();

  constructor(parts: AttachedRuntimesParts) {
    this.#parts = parts;
  }

  expect(plugin: string): void {
    this.#parts.runtimes.expect(plugin);
  }

  stillValid(): ReturnType<NodeRuntimes["stillValid"]> {
    return this.#parts.runtimes.stillValid();
  }

  async connect(plugin: ConnectedPlugin): Promise<readonly string[]> {
    const { runtimes } = this.#parts;
    if (plugin.spec.network === "berth") {
      await this.#offer(plugin);
      return runtimes.connect(plugin);
    }
    this.#withdraw(plugin.name);
    return [...(await runtimes.connect(plugin)), "network"];
  }

  /** The socket stays: the runtime may be there and call, whatever the host could make of it. */
  disconnect(plugin: string): void {
    this.#parts.runtimes.disconnect(plugin);
  }

  told(plugin: string, unready: string): void {
    this.#parts.runtimes.told(plugin, unready);
  }

  hold(plugin: string, held: boolean): void {
    this.#parts.runtimes.hold(plugin, held);
  }

  made(plugin: string): ReturnType<NodeRuntimes["made"]> {
    return this.#parts.runtimes.made(plugin);
  }

  forget(plugin: string): void {
    this.#withdraw(plugin);
    this.#parts.runtimes.forget(plugin);
  }

  /** Takes back what was offered to runtimes that are not among these any more. */
  retain(plugins: ReadonlySet<string>): void {
    for (const [plugin] of this.#parts.files.entries()) if (!plugins.has(plugin)) this.#withdraw(plugin);
  }

  async dispose(): Promise<void> {
    for (const plugin of this.#sockets.keys()) this.#close(plugin);
    await Promise.all(this.#closing);
  }

  async #offer(plugin: ConnectedPlugin): Promise<void> {
    const { files, nodeName, program } = this.#parts;
    if (!program) throw new Error("network: berth needs berth-cni, and this host was started without it");
    const { name, config } = plugin;
    const folders = readFolders(config) ?? (await this.#ask(plugin)).folders;
    if (!folders) {
      throw new Error(
        "the runtime does not say where it looks for CNI; set spec.config.cniConfDir and spec.config.cniBinDir",
      );
    }
    const endpoint = await this.#serve(name);
    const own = cniFiles(folders, nodeName, name);
    const former = files.get(name);
    if (former && former.configuration !== own.configuration) removeCniFiles(former);
    files.put(name, own);
    writeCniFiles(own, { endpoint, program, cniVersion: textOf(config["cniVersion"]) ?? "1.0.0" });
    await this.#untilLoaded(plugin, folders);
  }

  async #serve(plugin: string): Promise<string> {
    const { network, clock, folder, logger } = this.#parts;
    const path = join(folder, `${plugin}.sock`);
    if (!this.#sockets.has(plugin)) {
      checkSocketPath(path);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const socket = new HostSocket(path, logger);
      const verbs = chainVerbs(plugin, network, () => clock.now());
      await socket.offer(["network"], [{ name: "network", key: services.network, verbs }]);
      this.#sockets.set(plugin, socket);
    }
    return `unix://${path}`;
  }

  async #untilLoaded(plugin: ConnectedPlugin, folders: CniFolders): Promise<void> {
    const { clock, nodeName } = this.#parts;
    const wanted = networkName(nodeName, plugin.name);
    const end = clock.monotonic() + loadMs;
    for (;;) {
      const { ready, network, reason, ownExecutables } = await this.#ask(plugin);
      const missing = ownExecutables.find((name) => !existsSync(join(folders.executables, name)));
      if (missing !== undefined) {
        throw new Error(
          `the runtime calls the CNI plugin ${missing} for each pod, and ${folders.executables} has none; install containernetworking-plugins`,
        );
      }
      if (ready && (network === undefined || network === wanted)) return;
      if (clock.monotonic() > end) {
        const has = network === undefined ? reason : `it has loaded network ${network}`;
        throw new Error(`the runtime does not take network ${wanted} from ${folders.configuration}: ${has}`);
      }
      await clock.sleep(lookMs);
    }
  }

  async #ask(plugin: ConnectedPlugin): Promise<RuntimeCni> {
    return readRuntimeCni(await plugin.link.client(services.runtime).status({ verbose: true }));
  }

  #withdraw(plugin: string): void {
    const { files } = this.#parts;
    const laid = files.get(plugin);
    if (laid) {
      removeCniFiles(laid);
      files.delete(plugin);
    }
    this.#close(plugin);
  }

  #close(plugin: string): void {
    const socket = this.#sockets.get(plugin);
    if (!socket) return;
    this.#sockets.delete(plugin);
    const closing = socket.dispose().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

function readFolders(config: Readonly<Record<string, unknown>>): CniFolders | undefined {
  const configuration = textOf(config["cniConfDir"]);
  const executables = textOf(config["cniBinDir"]);
  return configuration && executables ? { configuration, executables } : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
