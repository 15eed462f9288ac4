import type { ContainerEventType } from "@berth/proto/generated/cri/runtime/v1/ContainerEventType.ts";
import type { ContainerChange } from "./container/container-service.ts";
import type { ContainerEventResponse } from "./cri-types.ts";
import { toContainerStatus, toPodSandboxStatus } from "./cri-messages.ts";
import { nowNanos } from "./records.ts";
import type { RuntimeParts } from "./runtime-parts.ts";

const typeOfChange = {
  created: "CONTAINER_CREATED_EVENT",
  started: "CONTAINER_STARTED_EVENT",
  stopped: "CONTAINER_STOPPED_EVENT",
  deleted: "CONTAINER_DELETED_EVENT",
} as const satisfies Record<ContainerChange["kind"], ContainerEventType>;

/** A reader slower than this many events is cut off: it relists, as after any gap. */
const maxWaiting = 10_000;

/** Changes of containers from now on, with the pod's status at that moment, until the caller goes. */
export async function* eventsOf(
  parts: RuntimeParts,
  signal: AbortSignal,
): AsyncGenerator<ContainerEventResponse> {
  const waiting: ContainerEventResponse[] = [];
  let wake = (): void => undefined;
  const subscription = parts.containers.onDidChange((change) => {
    waiting.push(toEvent(parts, change));
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener("abort", onAbort);
  try {
    while (!signal.aborted) {
      if (waiting.length > maxWaiting)
        throw new Error(`more than ${maxWaiting} container events wait to be read`);
      const next = waiting.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    await subscription.dispose();
  }
}

function toEvent(parts: RuntimeParts, { kind, container }: ContainerChange): ContainerEventResponse {
  const sandbox = parts.sandboxes.find(container.sandboxId);
  return {
    container_id: container.id,
    container_event_type: typeOfChange[kind],
    created_at: nowNanos(),
    pod_sandbox_status: sandbox ? toPodSandboxStatus(sandbox, parts.sandboxes.isReady(sandbox)) : null,
    containers_statuses: parts.containers
      .of(container.sandboxId)
      .map((record) => toContainerStatus(record, sandbox)),
  };
}
