import type { ContainerStatus__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerStatus.ts";
import type { PodSandboxStatus__Output } from "@berth/proto/generated/cri/runtime/v1/PodSandboxStatus.ts";
import { type RuntimeService, VerbError } from "../../pluginhost/contracts/index.ts";
import { annotations, labels } from "./cri-labels.ts";
import type { ActualContainer, ActualSandbox, ContainerPhase, PodActual } from "./pod-actual.ts";

/** Asks a runtime for everything it has of one pod. Rejects with VerbError when the runtime does not answer. */
export async function readPodActual(
  cri: RuntimeService,
  uid: string,
  signal?: AbortSignal,
): Promise<PodActual> {
  const selector = { label_selector: { [labels.podUid]: uid } };
  const options = signal === undefined ? {} : { signal };
  const [sandboxList, containerList] = await Promise.all([
    cri.listPodSandbox({ filter: selector }, options),
    cri.listContainers({ filter: selector }, options),
  ]);
  const [sandboxes, containers] = await Promise.all([
    Promise.all(
      sandboxList.items.map((item) =>
        unlessGone(
          cri.podSandboxStatus({ pod_sandbox_id: item.id }, options).then((answer) => answer.status),
        ),
      ),
    ),
    Promise.all(
      containerList.containers.map((item) =>
        unlessGone(
          cri
            .containerStatus({ container_id: item.id }, options)
            .then((answer) => answer.status && toContainer(answer.status, item.pod_sandbox_id)),
        ),
      ),
    ),
  ]);
  return {
    sandboxes: sandboxes
      .flatMap((status) => (status ? [toSandbox(status)] : []))
      .toSorted((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt),
    containers: containers
      .flatMap((container) => container ?? [])
      .toSorted((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt),
  };
}

/** What is listed may be removed before it is asked about. */
async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof VerbError && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}

function toSandbox(status: PodSandboxStatus__Output): ActualSandbox {
  const network = status.network;
  return {
    id: status.id,
    attempt: status.metadata?.attempt ?? 0,
    ready: status.state === "SANDBOX_READY",
    createdAt: milliseconds(status.created_at),
    ips: network
      ? [network.ip, ...network.additional_ips.map((other) => other.ip)].filter((ip) => ip !== "")
      : [],
  };
}

const phases: Readonly<Record<string, ContainerPhase>> = {
  CONTAINER_CREATED: "created",
  CONTAINER_RUNNING: "running",
  CONTAINER_EXITED: "exited",
};

function toContainer(status: ContainerStatus__Output, sandboxId: string): ActualContainer {
  return {
    id: status.id,
    name: status.labels[labels.containerName] ?? status.metadata?.name ?? "",
    sandboxId,
    attempt: status.metadata?.attempt ?? 0,
    phase: phases[status.state] ?? "lost",
    createdAt: milliseconds(status.created_at),
    startedAt: milliseconds(status.started_at),
    finishedAt: milliseconds(status.finished_at),
    exitCode: status.exit_code,
    reason: status.reason,
    message: status.message,
    image: status.image?.user_specified_image || status.image?.image || "",
    imageRef: status.image_id || status.image_ref,
    logPath: status.log_path,
    hash: status.annotations[annotations.hash] ?? "",
  };
}

/** CRI times are nanoseconds since the epoch in a decimal string. */
function milliseconds(nanoseconds: string): number {
  return Number(BigInt(nanoseconds || "0") / 1_000_000n);
}
