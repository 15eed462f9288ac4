import type { Disposable } from "@berth/base";
import type { Pod } from "../../api/index.ts";
import type { Informer } from "../../client/contracts.ts";
import type { FoundPod, RuntimeWatch } from "../runtime/runtime-watch.ts";
import { podTitle, podUid } from "./pod-containers.ts";
import type { PodParts } from "./pod-parts.ts";
import { PodWorker } from "./pod-worker.ts";

export interface ManagerParts extends PodParts {
  /** Pods bound to this node. */
  readonly pods: Informer<Pod>;
  readonly watch: RuntimeWatch;
  /** Pods that the node remembers to have put on a runtime, by uid. */
  readonly settled: () => readonly string[];
  /** Pods of which files lie on the node, by uid. */
  readonly leftOnDisk: () => Promise<readonly string[]>;
}

/** Gives every pod of the node a worker, and ends what is left of pods that the API does not know. */
export class PodManager implements Disposable {
  readonly label = "pod workers";
  readonly #parts: ManagerParts;
  readonly #workers = new Map<string, PodWorker>();
  readonly #subscriptions: Disposable[] = [];
  readonly #stop = new AbortController();
  #synced = false;

  constructor(parts: ManagerParts) {
    this.#parts = parts;
  }

  get workers(): readonly PodWorker[] {
    return [...this.#workers.values()];
  }

  worker(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  find(namespace: string, name: string): PodWorker | undefined {
    return this.workers.find(({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name);
  }

  /** Resolves when every pod of the first complete list has its worker. */
  async start(): Promise<void> {
    const { pods, watch } = this.#parts;
    this.#subscriptions.push(
      watch.onDidChangePod((uid) => this.#workers.get(uid)?.hint()),
      watch.onDidList((found) => this.#endForgotten(found)),
      pods.onDidAdd((pod) => this.#take(pod)),
      pods.onDidUpdate(({ object }) => this.#take(object)),
      pods.onDidDelete((pod) => this.#workers.get(podUid(pod))?.abandon()),
    );
    await pods.synced(this.#stop.signal);
    // A pod of the first list may run already, under a former life of this node.
    for (const pod of pods.list()) this.#open(pod, true);
    this.#synced = true;
    await watch.start();
    await this.#endLeftovers();
  }

  /** A part of the node has changed: what waits for it is tried at once. */
  retryAll(): void {
    for (const worker of this.#workers.values()) worker.retryNow();
  }

  /** What containers lacked may be there now: they are tried again at once. */
  tryHeld(): void {
    for (const worker of this.#workers.values()) worker.tryHeld();
  }

  refreshVolumes(): void {
    for (const worker of this.#workers.values()) worker.refreshVolumes();
  }

  /** Ends every pod as if the API had forgotten it; resolves when nothing of them is left here. */
  async endAll(graceMs: number): Promise<void> {
    this.#synced = false;
    for (const subscription of this.#subscriptions.splice(0)) await subscription.dispose();
    const workers = this.workers;
    for (const worker of workers) worker.abandon(graceMs);
    await Promise.all(workers.map((worker) => worker.ended));
  }

  /** After {@link endAll} that did not come to its end, when all that ran in pods has been killed. */
  async endAllWithoutRuntime(): Promise<void> {
    const workers = this.workers;
    for (const worker of workers) worker.abandon(0, true);
    await Promise.all(workers.map((worker) => worker.ended));
  }

  async dispose(): Promise<void> {
    this.#stop.abort(new Error("the node is stopping"));
    for (const subscription of this.#subscriptions) await subscription.dispose();
    await this.#parts.watch.dispose();
    await Promise.all(this.workers.map((worker) => worker.dispose()));
  }

  #take(pod: Pod): void {
    if (!this.#synced) return;
    const worker = this.#workers.get(podUid(pod));
    if (worker) worker.update(pod);
    else this.#open(pod, false);
  }

  #open(pod: Pod, known: boolean): PodWorker {
    const worker = new PodWorker(pod, this.#parts, {
      known,
      onEnded: (ended) => {
        this.#workers.delete(ended.uid);
        void ended.dispose();
      },
    });
    this.#workers.set(worker.uid, worker);
    worker.wake();
    return worker;
  }

  /** Sandboxes of pods that the API does not know; only its complete list says so. */
  #endForgotten(found: readonly FoundPod[]): void {
    for (const pod of found) {
      if (this.#workers.has(pod.uid)) continue;
      this.#parts.runtimes.settle(pod.uid, pod.handler);
      this.#endOrphan(pod, true);
    }
  }

  /** What the node remembers of pods that the API does not know: on a runtime, or as files only. */
  async #endLeftovers(): Promise<void> {
    const named = (uid: string): { uid: string; name: string; namespace: string } => ({
      uid,
      name: uid,
      namespace: "left-behind",
    });
    for (const uid of this.#parts.settled()) this.#endOrphan(named(uid), true);
    for (const uid of await this.#parts.leftOnDisk()) this.#endOrphan(named(uid), false);
  }

  #endOrphan(found: { uid: string; name: string; namespace: string }, known: boolean): void {
    if (this.#workers.has(found.uid)) return;
    const pod: Pod = {
      metadata: { name: found.name, namespace: found.namespace, uid: found.uid },
      spec: { containers: [] },
    };
    this.#parts.logger.info("a pod that the API does not know is ended", {
      pod: podTitle(pod),
      uid: found.uid,
    });
    this.#open(pod, known).abandon();
  }
}
