import { BerthError } from "@berth/base";
import type { ActualContainer } from "../actual/pod-actual.ts";
import { containersNamed, newestContainer, readySandbox } from "../actual/pod-actual.ts";
import { kubeletRequestError } from "../errors.ts";
import { allContainers } from "../pods/pod-containers.ts";
import type { PodWorker } from "../pods/pod-worker.ts";

/** Finds what a request names. Each throws kubeletRequestError with a sentence for the person at kubectl. */

export function demandPod(
  find: (namespace: string, name: string) => PodWorker | undefined,
  namespace: string,
  name: string,
  uid: string | undefined,
): PodWorker {
  const worker = find(namespace, name);
  if (worker && (uid === undefined || uid === worker.uid)) return worker;
  throw new BerthError(
    kubeletRequestError,
    `pod "${name}" in namespace "${namespace}" does not run on this node`,
  );
}

export function demandRunning(worker: PodWorker, container: string): ActualContainer {
  const found = newestContainer(worker.actual, container);
  if (found?.phase === "running") return found;
  demandKnown(worker, container);
  throw new BerthError(
    kubeletRequestError,
    `container "${container}" of pod "${worker.pod.metadata.name}" is not running`,
  );
}

export function demandSandbox(worker: PodWorker): string {
  const sandbox = readySandbox(worker.actual);
  if (sandbox) return sandbox.id;
  throw new BerthError(kubeletRequestError, `pod "${worker.pod.metadata.name}" is not running`);
}

/** The container whose log is asked for: the newest one, or the one before it. */
export function demandLogged(worker: PodWorker, container: string, previous: boolean): ActualContainer {
  demandKnown(worker, container);
  const pod = worker.pod.metadata.name;
  const all = containersNamed(worker.actual, container);
  const [newest] = all;
  if (previous) {
    const ended = all.find((one, index) => index > 0 && one.phase === "exited");
    const alone = newest?.phase === "exited" ? newest : undefined;
    const found = ended ?? alone;
    if (found) return found;
    throw new BerthError(
      kubeletRequestError,
      `previous terminated container "${container}" in pod "${pod}" not found`,
    );
  }
  if (newest && newest.phase !== "created") return newest;
  const before = all.find((one) => one.phase === "exited");
  if (before) return before;
  const status = [
    ...(worker.pod.status?.containerStatuses ?? []),
    ...(worker.pod.status?.initContainerStatuses ?? []),
  ];
  const waiting =
    status.find(({ name }) => name === container)?.state?.waiting?.reason ?? "ContainerCreating";
  const reason = pullSentences[waiting] ?? waiting;
  throw new BerthError(
    kubeletRequestError,
    `container "${container}" in pod "${pod}" is waiting to start: ${reason}`,
  );
}

const pullSentences: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: "trying and failing to pull image",
};

function demandKnown(worker: PodWorker, container: string): void {
  if (allContainers(worker.pod).some(({ spec }) => spec.name === container)) return;
  throw new BerthError(
    kubeletRequestError,
    `container "${container}" not found in pod "${worker.pod.metadata.name}"`,
  );
}
