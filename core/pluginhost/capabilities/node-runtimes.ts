import { type Clock, Emitter } from "@berth/base";
import { services } from "@berth/verbs";
import {
  handlerKey,
  type ImageArchive,
  type RuntimeHandler,
  type Runtimes,
  type RuntimeService,
} from "../contracts/runtimes.ts";
import type { CallOptions } from "../contracts/unary-client.ts";
import type { PluginLink } from "../call/plugin-link.ts";
import { type ConnectedPlugin, type ContractAdapter, counted } from "./contract-adapter.ts";
import { unmetCondition } from "./unmet-condition.ts";

/** Told which sandboxes a runtime has, to release what belonged to others. */
export type SandboxListener = (plugin: string, sandboxes: ReadonlySet<string>, asOf: number) => Promise<void>;

/** Handlers of the node's runtimes, learned from what each says about itself. */
export class NodeRuntimes implements ContractAdapter, Runtimes {
  readonly #clock: Clock;
  readonly #onSandboxes: SandboxListener;
  readonly #handlers = new Map<string, readonly RuntimeHandler[]>();
  readonly #held = new Set<string>();
  readonly #expected = new Set<string>();
  readonly #unready = new Map<string, string>();
  readonly #changed = new Emitter<void>();
  #defaultHandler: string | undefined;

  readonly onDidChange = this.#changed.event;

  constructor(parts: { clock: Clock; onSandboxes: SandboxListener }) {
    this.#clock = parts.clock;
    this.#onSandboxes = parts.onSandboxes;
  }

  setDefault(handler: string | undefined): void {
    this.#defaultHandler = handler;
    this.#changed.fire();
  }

  handler(nameOrKey: string): RuntimeHandler | undefined {
    const wanted = nameOrKey === "" ? this.#defaultHandler : nameOrKey;
    const slash = wanted?.indexOf("/") ?? -1;
    // Who is on this node and has not connected yet is waited for; nobody else has its sandboxes.
    if (wanted !== undefined && this.#expected.has(wanted.slice(0, Math.max(slash, 0))))
      return this.list().find((handler) => handlerKey(handler) === wanted);
    const name = wanted?.slice(slash + 1);
    const named = this.list().filter((handler) => name === undefined || handler.name === name);
    return named.find(({ held }) => !held) ?? (name === undefined ? undefined : named[0]);
  }

  /** Ordered by plugin, then as the plugin lists them. */
  list(): readonly RuntimeHandler[] {
    const plugins = [...this.#handlers].sort(([a], [b]) => (a < b ? -1 : 1));
    return plugins.flatMap(([name, handlers]) =>
      handlers.map((handler) => ({
        ...handler,
        held: this.#held.has(name),
        unready: this.#unready.get(name) ?? "",
      })),
    );
  }

  expect(plugin: string): void {
    this.#expected.add(plugin);
  }

  /** The node does not know by itself which sandboxes are wanted; the kubelet removes those that are not. */
  stillValid(): { stillValid: never[]; authoritative: boolean } {
    return { stillValid: [], authoritative: false };
  }

  async connect(plugin: ConnectedPlugin): Promise<readonly string[]> {
    const cri = runtimeService(plugin.link);
    await cri.version({});
    const asOf = this.#clock.now();
    const [status, sandboxes] = await Promise.all([cri.status({ verbose: false }), cri.listPodSandbox({})]);
    await this.#onSandboxes(plugin.name, new Set(sandboxes.items.map(({ id }) => id)), asOf);
    const offersArchive = plugin.verbs?.has("berth.cri.v1.Archive/ImportImage") ?? false;
    const archive = offersArchive ? imageArchive(plugin.link) : undefined;
    const names = status.runtime_handlers.map(({ name }) => name).filter((name) => name !== "");
    // A runtime from before handlers were listed has one, without a name; the node calls it by the plugin's.
    const offered =
      names.length > 0
        ? names.map((name) => ({ name, criHandler: name }))
        : [{ name: plugin.name, criHandler: "" }];
    for (const { name } of offered) this.#requireFree(name, plugin.name);
    const handlers = offered.map((names) => ({
      ...names,
      owner: plugin.name,
      plugin: plugin.madeBy,
      ready: true,
      held: false,
      unready: "",
      cri,
      archive,
    }));
    this.#handlers.set(plugin.name, handlers);
    this.#unready.set(plugin.name, unmetCondition(status, plugin.manifest.hostServices?.includes("network")));
    this.#changed.fire();
    return handlers.map(({ name }) => `runtime:${name}`);
  }

  disconnect(plugin: string): void {
    const handlers = this.#handlers.get(plugin);
    if (!handlers) return;
    this.#handlers.set(
      plugin,
      handlers.map((handler) => ({ ...handler, ready: false })),
    );
    this.#changed.fire();
  }

  told(plugin: string, unready: string): void {
    if (!this.#handlers.has(plugin) || this.#unready.get(plugin) === unready) return;
    this.#unready.set(plugin, unready);
    this.#changed.fire();
  }

  hold(plugin: string, held: boolean): void {
    if (held === this.#held.has(plugin)) return;
    if (held) this.#held.add(plugin);
    else this.#held.delete(plugin);
    this.#changed.fire();
  }

  async made(plugin: string): Promise<string> {
    const [handler] = this.#handlers.get(plugin) ?? [];
    if (!handler) return "";
    const { items } = await handler.cri.listPodSandbox({});
    return counted(items.length, "sandbox", "sandboxes");
  }

  forget(plugin: string): void {
    this.#handlers.delete(plugin);
    this.#unready.delete(plugin);
    this.#held.delete(plugin);
    this.#expected.delete(plugin);
    this.#changed.fire();
  }

  /** One may follow another under the handler's name; of two in force at once nobody could say which a pod gets. */
  #requireFree(handler: string, plugin: string): void {
    if (this.#held.has(plugin)) return;
    const [owner] =
      [...this.#handlers].find(
        ([name, handlers]) =>
          name !== plugin &&
          !this.#held.has(name) &&
          handlers.some((one) => one.ready && one.name === handler),
      ) ?? [];
    if (owner) throw new Error(`runtime handler ${handler} is already served by plugin ${owner}`);
  }
}

function runtimeService(link: PluginLink): RuntimeService {
  const runtime = link.client(services.runtime);
  return {
    ...link.client(services.image),
    ...runtime,
    getContainerEvents: (options?: CallOptions) => runtime.getContainerEvents({}, options),
  } as unknown as RuntimeService;
}

function imageArchive(link: PluginLink): ImageArchive {
  const archive = link.client(services.archive);
  return {
    importImage: (chunks, { defaultReference = "", ...options } = {}) =>
      archive.importImage(parts(chunks, defaultReference), options),
  };
}

const largestChunk = 1024 * 1024;

async function* parts(chunks: AsyncIterable<Uint8Array>, reference: string) {
  yield { options: { default_reference: reference } };
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += largestChunk) {
      yield { chunk: Buffer.from(chunk.subarray(from, from + largestChunk)) };
    }
  }
}
