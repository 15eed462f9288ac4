import type { Pod } from "../../api/index.ts";
import type { EventRecorder } from "../../client/contracts.ts";
import { containerFieldPath, type PodEvent, type PodEvents } from "./pod-events.ts";

/** Events of pods as Event objects of the API. */
export class RecordedPodEvents implements PodEvents {
  readonly #recorder: EventRecorder;

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder;
  }

  record(pod: Pod, { container, message, reason, type }: PodEvent): void {
    const about = { apiVersion: "v1", kind: "Pod", metadata: pod.metadata };
    const fieldPath = container === undefined ? {} : { fieldPath: containerFieldPath(pod, container) };
    this.#recorder.event({ ...about, ...fieldPath }, type, reason, message);
  }
}
