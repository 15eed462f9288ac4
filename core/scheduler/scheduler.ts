import { type Clock, type Disposable, errorMessage, type Logger } from "@berth/base";

import type { Pod } from "../api/index.ts";
import { selectedNodeAnnotation } from "../api/scheduling/volume-match.ts";
import type { ApiClient, EventRecorder } from "../client/contracts.ts";
import { Informers } from "../client/informers.ts";
import { ClusterView } from "./cluster-view.ts";
import { decide } from "./decide.ts";
import { claimsToBind } from "./filters/volumes.ts";
import type { ClusterChange, NodeInfo, PodInfo } from "./model.ts";
import { type SchedulingPlugins, standardPlugins } from "./plugins.ts";
import { podInfo, podKey } from "./pod-info.ts";
import { PodWriter } from "./pod-writer.ts";
import { SchedulingQueue } from "./scheduling-queue.ts";

export const defaultSchedulerName = "default-scheduler";

export interface SchedulerParts {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventRecorder;
  /** Pods with this schedulerName are its own. */
  readonly name?: string;
  readonly plugins?: SchedulingPlugins;
}

/**
 * Gives pods their nodes, one decision at a time, while the writing of earlier ones goes on. Start it once; it stops
 * when disposed.
 */
export class Scheduler implements Disposable {
  readonly label = "scheduler";
  readonly #name: string;
  readonly #plugins: SchedulingPlugins;
  readonly #logger: Logger;
  readonly #events: EventRecorder;
  readonly #informers: Informers;
  readonly #view: ClusterView;
  readonly #queue: SchedulingQueue;
  readonly #writer: PodWriter;
  readonly #writes = new Set<Promise<void>>();
  #state: "idle" | "running" | "stopped" = "idle";
  #isTurnDue = false;

  constructor({ api, clock, logger, events, name, plugins }: SchedulerParts) {
    this.#name = name ?? defaultSchedulerName;
    this.#plugins = plugins ?? standardPlugins;
    this.#logger = logger;
    this.#events = events;
    this.#informers = new Informers("scheduler", { api, clock, logger });
    this.#queue = new SchedulingQueue(clock);
    this.#writer = new PodWriter(api, clock);
    this.#view = new ClusterView(this.#informers, {
      changed: (change) => this.#queue.wake(change),
      unplaced: (pod) => this.#unplaced(pod),
      settled: (key) => this.#queue.delete(key),
    });
    this.#queue.onDidBecomeReady(() => this.#takeTurn());
  }

  /** Resolves when the cluster is known and decisions are being made. */
  async start(): Promise<void> {
    await this.#informers.start();
    if (this.#state === "idle") this.#state = "running";
    this.#takeTurn();
  }

  async dispose(): Promise<void> {
    this.#state = "stopped";
    this.#view.dispose();
    this.#queue.dispose();
    await this.#informers.dispose();
    await Promise.all(this.#writes);
  }

  #unplaced(pod: Pod): void {
    const isMine = (pod.spec.schedulerName ?? defaultSchedulerName) === this.#name;
    if (!isMine || pod.metadata.deletionTimestamp) return this.#queue.delete(podKey(pod));
    if (pod.spec.schedulingGates && pod.spec.schedulingGates.length > 0) {
      this.#queue.delete(podKey(pod));
      const message = "Scheduling is blocked due to non-empty scheduling gates";
      return this.#write(pod, () => this.#writer.unscheduled(pod, "SchedulingGated", message));
    }
    this.#queue.put(podInfo(pod));
  }

  /** Decides after the current event has been heard by everybody, and lets other work in between two decisions. */
  #takeTurn(): void {
    if (this.#isTurnDue || this.#state !== "running") return;
    this.#isTurnDue = true;
    setImmediate(() => {
      this.#isTurnDue = false;
      if (this.#state !== "running") return;
      const info = this.#queue.take();
      if (!info) return;
      this.#schedule(info);
      this.#takeTurn();
    });
  }

  #schedule(info: PodInfo): void {
    const decision = decide(info, this.#view.cluster, this.#plugins);
    if (!decision.node) return this.#refuse(info, decision.message, decision.refusedBy);
    const node = decision.node.node.metadata.name;
    const claims = claimsToBind(info, this.#view.cluster);
    if (claims.length > 0) {
      const names = claims.map(({ metadata }) => metadata.name).join(", ");
      this.#queue.postpone(info.key, new Set(["storage"]));
      return this.#write(info.pod, async () => {
        for (const claim of claims) {
          const selected = claim.metadata.annotations?.[selectedNodeAnnotation];
          if (selected !== node) await this.#writer.selectNode(claim, node);
        }
        const message = `waiting for volumes to be bound on node ${node}: ${names}`;
        await this.#writer.unscheduled(info.pod, "Unschedulable", message);
      });
    }
    this.#place(info, decision.node);
  }

  #place(info: PodInfo, { node }: NodeInfo): void {
    const { name } = node.metadata;
    this.#view.cache.setPod(info, name);
    this.#write(info.pod, async () => {
      try {
        if (!(await this.#writer.bind(info.pod, name))) return this.#view.cache.removePod(info.key);
        const what = `${info.pod.metadata.namespace}/${info.pod.metadata.name}`;
        this.#events.event(info.pod, "Normal", "Scheduled", `Successfully assigned ${what} to ${name}`);
      } catch (error) {
        this.#view.cache.removePod(info.key);
        this.#queue.retryLater(info.key);
        throw error;
      }
    });
  }

  #refuse(info: PodInfo, message: string, refusedBy: ReadonlySet<string>): void {
    const { preconditions, filters } = this.#plugins;
    const wakesOn = new Set<ClusterChange>();
    for (const { name, wakesOn: changes } of [...preconditions, ...filters]) {
      if (refusedBy.has(name)) for (const change of changes) wakesOn.add(change);
    }
    this.#queue.refuse(info.key, wakesOn);
    this.#events.event(reference(info.pod), "Warning", "FailedScheduling", message);
    this.#write(info.pod, () => this.#writer.unscheduled(info.pod, "Unschedulable", message));
  }

  /** Writes go on beside further decisions; a failed one is told and tried again with the pod's next turn. */
  #write(pod: Pod, work: () => Promise<void>): void {
    const write = this.#guarded(pod, work);
    this.#writes.add(write);
    void write.finally(() => this.#writes.delete(write));
  }

  async #guarded(pod: Pod, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#state === "stopped") return;
      const cause = errorMessage(error);
      this.#logger.warn("a scheduling decision could not be written", { pod: podKey(pod), cause });
      this.#queue.retryLater(podKey(pod));
    }
  }
}

/** Items of a list need not say what they are. */
function reference(pod: Pod): Pod {
  return { ...pod, apiVersion: "v1", kind: "Pod" };
}
