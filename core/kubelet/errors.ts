import { BerthError } from "@berth/base";

/** Shown as the waiting reason CreateContainerConfigError. */
export const configError = BerthError.define({
  code: "BERTH_KUBELET_CONTAINER_CONFIG",
  grpc: "FAILED_PRECONDITION",
  http: 422,
  owner: "cluster user",
  next: "Create or correct the object or key that the container refers to; the node tries again by itself.",
});

export const volumeError = BerthError.define({
  code: "BERTH_KUBELET_VOLUME",
  grpc: "FAILED_PRECONDITION",
  http: 422,
  owner: "cluster user",
  next: "Read the message: it names the volume and what it lacks; the node tries again by itself.",
});

export const hookError = BerthError.define({
  code: "BERTH_KUBELET_HOOK",
  grpc: "ABORTED",
  http: 500,
  owner: "cluster user",
  next: "Correct the container's lifecycle hook; its output is in the event.",
});

export const kubeletRequestError = BerthError.define({
  code: "BERTH_KUBELET_REQUEST",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "cluster user",
  next: "Correct the request; `kubectl get pod` shows the names of pods and containers.",
});

export const nodeError = BerthError.define({
  code: "BERTH_KUBELET_NODE",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Correct the node's options or the machine's settings that the message names, then start again.",
});
