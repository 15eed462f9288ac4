import type { Pod, RuntimeClass } from "../../api/index.ts";
import type { RuntimeHandler, Runtimes } from "../../pluginhost/contracts/index.ts";
import { podUid } from "../pods/pod-containers.ts";
import type { PodRuntimes, RuntimeChoice } from "../pods/pod-parts.ts";

/** Where the node remembers, beyond its own end, on which handler a pod's sandbox lies. By uid. */
export interface SettledMemory {
  get(uid: string): string | undefined;
  put(uid: string, handler: string): void;
  delete(uid: string): unknown;
}

/** Finds the runtime of a pod: the one that holds its sandbox, else the one that its RuntimeClass names. */
export class RuntimeDirectory implements PodRuntimes {
  readonly #runtimes: Runtimes;
  readonly #runtimeClass: (name: string) => RuntimeClass | undefined;
  readonly #settled: SettledMemory;
  /** By plugin: what the runtime calls itself. */
  readonly #names = new Map<string, string>();

  constructor(parts: {
    runtimes: Runtimes;
    runtimeClass: (name: string) => RuntimeClass | undefined;
    settled: SettledMemory;
  }) {
    this.#settled = parts.settled;
    this.#runtimes = parts.runtimes;
    this.#runtimeClass = parts.runtimeClass;
  }

  async choose(pod: Pod): Promise<RuntimeChoice> {
    const settled = this.#settled.get(podUid(pod));
    const wanted = settled ?? this.#wanted(pod);
    if (typeof wanted !== "string") return { handler: undefined, reason: wanted.reason };
    const handler = this.#runtimes.handler(wanted);
    if (!handler || (handler.held && settled === undefined))
      return { handler: undefined, reason: this.#absent(wanted) };
    if (!handler.ready) return { handler, runtimeName: "" };
    return { handler, runtimeName: await this.#nameOf(handler) };
  }

  settle(uid: string, handlerKey: string): void {
    if (this.#settled.get(uid) !== handlerKey) this.#settled.put(uid, handlerKey);
  }

  forget(uid: string): void {
    this.#settled.delete(uid);
  }

  #wanted(pod: Pod): string | { reason: string } {
    const className = pod.spec?.runtimeClassName;
    if (!className) return "";
    const found = this.#runtimeClass(className);
    if (found) return found.handler;
    return { reason: `there is no RuntimeClass "${className}"; create it or correct spec.runtimeClassName` };
  }

  #absent(name: string): string {
    const known = this.#runtimes
      .list()
      .filter(({ held }) => !held)
      .map((handler) => handler.name)
      .filter((other) => other !== "");
    const offered =
      known.length > 0 ? `this node has ${[...new Set(known)].join(", ")}` : "this node has no runtime yet";
    return name === ""
      ? `no default runtime is ready: install a Plugin of contract cri (${offered})`
      : `no plugin offers the runtime handler "${name}": install one or correct the RuntimeClass (${offered})`;
  }

  async #nameOf(handler: RuntimeHandler): Promise<string> {
    const known = this.#names.get(handler.owner);
    if (known !== undefined) return known;
    const { runtime_name: name } = await handler.cri.version({});
    this.#names.set(handler.owner, name);
    return name;
  }
}
