import { expect, test } from "vitest";
import type { PodWorker } from "../pods/pod-worker.ts";
import { demandLogged } from "./pod-lookup.ts";

test.each([
  ["ImagePullBackOff", "trying and failing to pull image"],
  ["ErrImagePull", "image can't be pulled"],
  ["CreateContainerConfigError", "CreateContainerConfigError"],
])("logs of a container that waits with %s are refused in the words people know", (reason, sentence) => {
  const pod = {
    metadata: { name: "web" },
    spec: { containers: [{ name: "main", image: "x" }] },
    status: { containerStatuses: [{ name: "main", state: { waiting: { reason } } }] },
  };
  const worker = { pod, actual: { sandboxes: [], containers: [] } } as unknown as PodWorker;
  expect(() => demandLogged(worker, "main", false)).toThrow(
    `container "main" in pod "web" is waiting to start: ${sentence}`,
  );
});
