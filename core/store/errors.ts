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

export const storeFull = BerthError.define({
  code: "BERTH_STORE_FULL",
  grpc: "RESOURCE_EXHAUSTED",
  http: 507,
  next: "Free space on the file system of the data directory; writes work again at once, no restart is needed.",
});

export const storeReadOnly = BerthError.define({
  code: "BERTH_STORE_READ_ONLY",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  next: "Make the data directory writable for this user, or mount its file system read-write, and start again.",
});

export const storeCorrupt = BerthError.define({
  code: "BERTH_STORE_CORRUPT",
  grpc: "DATA_LOSS",
  http: 500,
  next: "Keep a copy of the file, restore the newest backup, and check the disk; the file was not changed.",
});

export const storeNewerFormat = BerthError.define({
  code: "BERTH_STORE_NEWER_FORMAT",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  next: "Start the version of Berth that wrote it, or a newer one; the file was not changed.",
});

export const storeForeign = BerthError.define({
  code: "BERTH_STORE_FOREIGN",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  next: "Name another data directory, or move the file away if it is not needed; it was not changed.",
});

export const storeLocked = BerthError.define({
  code: "BERTH_STORE_LOCKED",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  next: "Stop the process that holds the store, or give this one another data directory.",
});

export const storeFailed = BerthError.define({
  code: "BERTH_STORE_FAILED",
  grpc: "UNAVAILABLE",
  http: 503,
  next: "Check the disk and the kernel log, then start Berth again; what was acknowledged is in the file.",
});
