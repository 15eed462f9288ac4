import { type Backoff, type Clock, errorMessage, exponentialBackoff, type Logger, pause } from "@berth/base";
import type { Pod, PodStatus } from "../../api/index.ts";
import { type ApiClient, ApiError, type ResourceClient } from "../../client/contracts.ts";
import { resources } from "../resources.ts";
import { podNamespace, podTitle, podUid } from "./pod-containers.ts";
import type { PodStatusSink } from "./pod-parts.ts";
import { statusPatch, withConditionsOfOthers } from "./status-patch.ts";

interface Entry {
  /** The newest version of the object known here: an informer's or the answer to our own write. */
  pod: Pod;
  reported: PodStatus;
  dirty: boolean;
  writing: Promise<void> | undefined;
  backoff: Backoff;
}

const retryDelays = { baseMs: 100, capMs: 10_000, jitter: "full" } as const;

/** Writes the status of pods: one write at a time for each, always the newest, until the API has it. */
export class PodStatusWriter implements PodStatusSink {
  readonly #pods: ResourceClient<Pod>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #entries = new Map<string, Entry>();
  readonly #stop = new AbortController();

  constructor(parts: { client: ApiClient; clock: Clock; logger: Logger }) {
    this.#pods = parts.client.resource<Pod>(resources.pods);
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  report(pod: Pod, status: PodStatus): void {
    const uid = podUid(pod);
    const known = this.#entries.get(uid);
    const entry = known ?? {
      pod,
      reported: pod.status ?? {},
      dirty: false,
      writing: undefined,
      backoff: exponentialBackoff(retryDelays),
    };
    if (!known) this.#entries.set(uid, entry);
    entry.pod = newer(pod, entry.pod);
    entry.reported = status;
    entry.dirty = statusPatch(entry.pod, status) !== undefined;
    if (entry.dirty) entry.writing ??= this.#write(uid, entry);
  }

  current(pod: Pod): PodStatus {
    const entry = this.#entries.get(podUid(pod));
    return entry ? withConditionsOfOthers(entry.reported, newer(pod, entry.pod)) : (pod.status ?? {});
  }

  async flush(uid: string): Promise<void> {
    await this.#entries.get(uid)?.writing;
  }

  async confirmDeletion(pod: Pod): Promise<void> {
    try {
      await this.#pods.delete(pod.metadata.name, {
        namespace: podNamespace(pod),
        gracePeriodSeconds: 0,
        preconditions: { uid: podUid(pod) },
      });
    } catch (error) {
      // Somebody else was faster, or a new pod has the name already.
      if (!ApiError.is(error, "NotFound") && !ApiError.is(error, "Conflict")) throw error;
    }
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  /** Gives up what is not written yet. */
  stop(): void {
    this.#stop.abort(new Error("the node is stopping"));
  }

  async #write(uid: string, entry: Entry): Promise<void> {
    try {
      while (entry.dirty && this.#entries.get(uid) === entry && !this.#stop.signal.aborted) {
        entry.dirty = false;
        const patch = statusPatch(entry.pod, entry.reported);
        if (patch && !(await this.#send(entry, patch))) entry.dirty = true;
      }
    } finally {
      entry.writing = undefined;
    }
  }

  /** False when it is to be tried again. */
  async #send(entry: Entry, patch: object): Promise<boolean> {
    const { name } = entry.pod.metadata;
    const scope = { namespace: podNamespace(entry.pod), signal: this.#stop.signal };
    try {
      entry.pod = await this.#pods.patch(name, "merge", patch, { ...scope, subresource: "status" });
      entry.backoff.reset();
      return true;
    } catch (error) {
      if (this.#stop.signal.aborted) return true;
      if (ApiError.is(error, "NotFound")) return true;
      if (ApiError.is(error, "Conflict")) return this.#reread(entry, scope);
      const retryMs = entry.backoff.next();
      this.#logger.warn("the status of a pod could not be written; it is tried again", {
        pod: podTitle(entry.pod),
        retryMs,
        error: errorMessage(error),
      });
      await pause(this.#clock, retryMs, this.#stop.signal);
      return false;
    }
  }

  async #reread(entry: Entry, scope: { namespace: string; signal: AbortSignal }): Promise<boolean> {
    try {
      const fresh = await this.#pods.get(entry.pod.metadata.name, scope);
      if (podUid(fresh) !== podUid(entry.pod)) return true;
      entry.pod = fresh;
      entry.reported = withConditionsOfOthers(entry.reported, fresh);
      return false;
    } catch (error) {
      if (ApiError.is(error, "NotFound")) return true;
      await pause(this.#clock, entry.backoff.next(), this.#stop.signal);
      return false;
    }
  }
}

/** Resource versions grow; an informer may still hold an older object than the answer to our own write. */
function newer(one: Pod, other: Pod): Pod {
  const version = (pod: Pod): number => Number(pod.metadata.resourceVersion ?? 0);
  return version(one) >= version(other) ? one : other;
}
