import { newestContainer } from "../actual/pod-actual.ts";
import type { PodParts } from "./pod-parts.ts";
import { podStatus, type PodStatusInput } from "./pod-status.ts";

type View = Omit<PodStatusInput, "previous" | "hostIps" | "acceptedAt" | "now" | "extra">;

/** Tells the API how a pod stands: its status, and once per crash that a container is held down. */
export class PodReporter {
  readonly #parts: PodParts;
  readonly #acceptedAt: number;
  /** Attempt of each container whose back-off was told. */
  readonly #told = new Map<string, number>();

  constructor(parts: PodParts) {
    this.#parts = parts;
    this.#acceptedAt = parts.clock.now();
  }

  report(view: View): void {
    const { pod } = view;
    this.#tellCrashes(view);
    const status = podStatus({
      ...view,
      previous: this.#parts.statuses.current(pod),
      hostIps: this.#parts.hostIps(),
      acceptedAt: this.#acceptedAt,
      now: this.#parts.clock.now(),
      extra: (container) => this.#parts.containerExtra(pod, container),
    });
    this.#parts.statuses.report(pod, status);
  }

  #tellCrashes({ actual, pod, waiting }: View): void {
    for (const [name, { reason }] of Object.entries(waiting)) {
      const attempt = newestContainer(actual, name)?.attempt ?? 0;
      if (reason !== "CrashLoopBackOff" || this.#told.get(name) === attempt) continue;
      this.#told.set(name, attempt);
      const message = `Back-off restarting failed container ${name} in pod ${pod.metadata.name}; kubectl logs --previous shows its end`;
      this.#parts.events.record(pod, { type: "Warning", reason: "BackOff", message, container: name });
    }
  }
}
