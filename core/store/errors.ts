import { BerthError } from "@berth/base";

export const revisionCompacted = BerthError.define({
  code: "BERTH_STORE_REVISION_COMPACTED",
  grpc: "OUT_OF_RANGE",
  http: 410,
  next: "List again without a resourceVersion and watch from the revision of that list.",
});

export const revisionFuture = BerthError.define({
  code: "BERTH_STORE_REVISION_FUTURE",
  grpc: "OUT_OF_RANGE",
  http: 504,
  next: "Wait and retry; if it stays, the resourceVersion came from another store: list again without one.",
});

export const storeClosed = BerthError.define({
  code: "BERTH_STORE_CLOSED",
  grpc: "UNAVAILABLE",
  http: 503,
  next: "Retry after the API server has started again.",
});

export const storeKeyInvalid = BerthError.define({
  code: "BERTH_STORE_KEY_INVALID",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  next: "Use a shorter name without control characters.",
});

export const storeValueTooLarge = BerthError.define({
  code: "BERTH_STORE_VALUE_TOO_LARGE",
  grpc: "RESOURCE_EXHAUSTED",
  http: 413,
  next: "Make the object smaller, or split it into several.",
});

export const storeOptionInvalid = BerthError.define({
  code: "BERTH_STORE_OPTION_INVALID",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  next: "Give limits, revisions and lifetimes as whole positive numbers.",
});
