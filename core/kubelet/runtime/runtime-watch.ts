import {
  type Clock,
  type Disposable,
  Emitter,
  errorMessage,
  exponentialBackoff,
  type Logger,
  type Timer,
  pause,
} from "@berth/base";
import type { ContainerEventResponse__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerEventResponse.ts";
import {
  type CallOptions,
  handlerKey,
  type RuntimeHandler,
  type Runtimes,
} from "../../pluginhost/contracts/index.ts";
import { annotations, labels } from "../actual/cri-labels.ts";

/** A pod that a runtime has something of, as its labels tell. */
export interface FoundPod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Its key. */
  readonly handler: string;
  /** Changes when anything of the pod does. */
  readonly digest: string;
}

const relistMs = 30_000;
/** A runtime without an event stream is listed this often. */
const relistWithoutEventsMs = 1_000;

/**
 * Watches every runtime for changes of pods: its events first, lists as the fallback that misses nothing. It only
 * says which pod to look at; what the pod is like is asked by who looks.
 */
export class RuntimeWatch implements Disposable {
  readonly label = "runtime watch";
  readonly #runtimes: Runtimes;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #changed = new Emitter<string>();
  readonly #listed = new Emitter<readonly FoundPod[]>();
  readonly #found = new Map<string, FoundPod>();
  readonly #streams = new Map<string, AbortController>();
  readonly #subscriptions: Disposable[] = [];
  readonly #nodeName: string;
  #timer: Timer | undefined;
  #disposed = false;

  constructor(parts: { runtimes: Runtimes; clock: Clock; logger: Logger; nodeName: string }) {
    this.#nodeName = parts.nodeName;
    this.#runtimes = parts.runtimes;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Uid of a pod that has changed. */
  readonly onDidChangePod = this.#changed.event;
  /** Everything that all ready runtimes have, after every list. */
  readonly onDidList = this.#listed.event;

  /** Resolves after the first list of the runtimes that are ready now. */
  async start(): Promise<void> {
    this.#subscriptions.push(this.#runtimes.onDidChange(() => this.#follow()));
    await this.#relist();
    this.#follow();
    this.#plan();
  }

  async #list(): Promise<FoundPod[]> {
    const found = new Map<string, FoundPod>();
    for (const handler of this.#plugins()) {
      for (const pod of await listPods(handler, this.#nodeName)) {
        // The same runtime may stand under many handler names.
        if (!found.has(pod.uid))
          found.set(pod.uid, { ...pod, handler: this.#handlerKey(handler, pod.handler) });
      }
    }
    return [...found.values()];
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#timer?.cancel();
    for (const stream of this.#streams.values()) stream.abort(new Error("the node is stopping"));
    for (const subscription of this.#subscriptions) await subscription.dispose();
  }

  /** One handler for each runtime plugin that is ready. */
  #plugins(): RuntimeHandler[] {
    const ready = this.#runtimes.list().filter((handler) => handler.ready);
    const byPlugin = new Map(ready.map((handler) => [handler.owner, handler]));
    return [...byPlugin.values()];
  }

  /** Our key of the handler that a sandbox runs on; the empty CRI handler is the plugin's own default. */
  #handlerKey(plugin: RuntimeHandler, criHandler: string): string {
    const same = this.#runtimes.list().filter((one) => one.owner === plugin.owner);
    const found = same.find((one) => one.criHandler === criHandler) ?? plugin;
    return handlerKey(found);
  }

  #follow(): void {
    if (this.#disposed) return;
    const ready = this.#plugins();
    for (const [plugin, stream] of this.#streams) {
      if (ready.some((handler) => handler.owner === plugin)) continue;
      stream.abort(new Error("the runtime is not ready"));
      this.#streams.delete(plugin);
    }
    for (const handler of ready) {
      if (this.#streams.has(handler.owner)) continue;
      const stream = new AbortController();
      this.#streams.set(handler.owner, stream);
      void this.#stream(handler, stream);
    }
  }

  async #stream(handler: RuntimeHandler, stream: AbortController): Promise<void> {
    const backoff = exponentialBackoff({ baseMs: 200, capMs: 10_000 });
    const { signal } = stream;
    while (!signal.aborted) {
      try {
        // What changed while nobody listened is found by a list.
        void this.#relist();
        for await (const event of openEvents(handler, { signal })) {
          backoff.reset();
          const uid =
            event.pod_sandbox_status?.metadata?.uid ?? event.pod_sandbox_status?.labels[labels.podUid];
          if (uid) this.#changed.fire(uid);
          else void this.#relist();
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#logger.debug("the event stream of a runtime ended; pods are listed until it is back", {
          runtime: handler.plugin,
          error: errorMessage(error),
        });
      }
      await pause(this.#clock, Math.max(relistWithoutEventsMs, backoff.next()), signal);
    }
  }

  #plan(): void {
    if (this.#disposed) return;
    this.#timer = this.#clock.after(
      relistMs,
      () => {
        void this.#relist().finally(() => this.#plan());
      },
      { background: true },
    );
  }

  async #relist(): Promise<void> {
    let pods: FoundPod[];
    try {
      pods = await this.#list();
    } catch (error) {
      this.#logger.debug("a runtime could not be listed; it is tried again", { error: errorMessage(error) });
      return;
    }
    const seen = new Set(pods.map((pod) => pod.uid));
    const changed = pods
      .filter((pod) => this.#found.get(pod.uid)?.digest !== pod.digest)
      .map((pod) => pod.uid);
    const lost = [...this.#found.keys()].filter((uid) => !seen.has(uid));
    this.#found.clear();
    for (const pod of pods) this.#found.set(pod.uid, pod);
    for (const uid of [...changed, ...lost]) this.#changed.fire(uid);
    this.#listed.fire(pods);
  }
}

/** The client's type offers every verb as a call as well; this one is the stream. */
function openEvents(
  handler: RuntimeHandler,
  options: CallOptions,
): AsyncIterable<ContainerEventResponse__Output> {
  const { cri } = handler;
  const open: (options?: CallOptions) => AsyncIterable<ContainerEventResponse__Output> =
    cri.getContainerEvents.bind(cri);
  return open(options);
}

async function listPods(handler: RuntimeHandler, nodeName: string): Promise<FoundPod[]> {
  const [{ items }, { containers }] = await Promise.all([
    handler.cri.listPodSandbox({}),
    handler.cri.listContainers({}),
  ]);
  const states = new Map<string, string[]>();
  const note = (uid: string | undefined, state: string): void => {
    if (uid) states.set(uid, [...(states.get(uid) ?? []), state]);
  };
  for (const sandbox of items) note(sandbox.labels[labels.podUid], `${sandbox.id}=${sandbox.state}`);
  for (const container of containers)
    note(container.labels[labels.podUid], `${container.id}=${container.state}`);
  return items.flatMap((sandbox) => {
    const uid = sandbox.labels[labels.podUid];
    if (!uid || sandbox.annotations[annotations.node] !== nodeName) return [];
    return [
      {
        uid,
        name: sandbox.labels[labels.podName] ?? sandbox.metadata?.name ?? "",
        namespace: sandbox.labels[labels.podNamespace] ?? sandbox.metadata?.namespace ?? "",
        handler: sandbox.runtime_handler,
        digest: (states.get(uid) ?? []).toSorted().join(" "),
      },
    ];
  });
}
