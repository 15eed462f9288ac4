import { BerthError } from "@berth/base";

/** Sandbox, container or image that does not exist. CRI callers treat it as "already gone" when they remove. */
export const notFound = BerthError.define({
  code: "BERTH_CRI_NOT_FOUND",
  grpc: "NOT_FOUND",
  http: 404,
  owner: "berth",
  next: "List the objects of this runtime; it may have been removed or belong to another runtime.",
});

export const wrongState = BerthError.define({
  code: "BERTH_CRI_WRONG_STATE",
  grpc: "FAILED_PRECONDITION",
  http: 409,
  owner: "berth",
  next: "Look at the object's status and repeat the call when it is in the state named.",
});

export const unsupported = BerthError.define({
  code: "BERTH_CRI_UNSUPPORTED",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "cluster user",
  next: "Remove the named field from the pod, or choose a runtime class whose runtime supports it.",
});

export const imageMissing = BerthError.define({
  code: "BERTH_CRI_IMAGE_MISSING",
  grpc: "NOT_FOUND",
  http: 404,
  owner: "cluster user",
  next: "Pull the image or import it (berth image import FILE); creating a container never pulls.",
});

export const sandboxFailed = BerthError.define({
  code: "BERTH_CRI_SANDBOX_FAILED",
  grpc: "INTERNAL",
  http: 500,
  owner: "operator",
  next: "The sandbox is undone; the call may be repeated when the cause is removed.",
});

export const pullFailed = BerthError.define({
  code: "BERTH_CRI_PULL_FAILED",
  grpc: "UNAVAILABLE",
  http: 502,
  owner: "cluster user",
  next: "Check the image's name and the way to its registry, then pull again: what arrived is kept.",
});

export const deadlineExceeded = BerthError.define({
  code: "BERTH_CRI_DEADLINE",
  grpc: "DEADLINE_EXCEEDED",
  http: 504,
  owner: "cluster user",
  next: "The process was killed; allow it more time or make it faster.",
});
