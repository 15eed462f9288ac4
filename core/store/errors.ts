import { BerthError } from "@berth/base";

export const revisionCompacted = BerthError.define({
  code: "BERTH_STORE_REVISION_COMPACTED",
  grpc: "OUT_OF_RANGE",
  http: 410,
  owner: "cluster user",
  next: "List again without a resourceVersion and watch from the revision of that list.",
});

export const revisionFuture = BerthError.define({
  code: "BERTH_STORE_REVISION_FUTURE",
  grpc: "OUT_OF_RANGE",
  http: 504,
  owner: "cluster user",
  next: "Wait and retry; if it stays, the resourceVersion came from another store: list again without one.",
});

export const storeClosed = BerthError.define({
  code: "BERTH_STORE_CLOSED",
  grpc: "UNAVAILABLE",
  http: 503,
  owner: "berth",
  next: "Retry after the API server has started again.",
});

export const storeKeyInvalid = BerthError.define({
  code: "BERTH_STORE_KEY_INVALID",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "cluster user",
  next: "Use a shorter name without control characters.",
});

export const storeValueTooLarge = BerthError.define({
  code: "BERTH_STORE_VALUE_TOO_LARGE",
  grpc: "RESOURCE_EXHAUSTED",
  http: 413,
  owner: "cluster user",
  next: "Make the object smaller, or split it into several.",
});

export const storeOptionInvalid = BerthError.define({
  code: "BERTH_STORE_OPTION_INVALID",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "cluster user",
  next: "Give limits, revisions and lifetimes as whole positive numbers.",
});

export const storeUnreachable = BerthError.define({
  code: "BERTH_STORE_UNREACHABLE",
  grpc: "UNAVAILABLE",
  http: 503,
  owner: "operator",
  next: "Nothing was written: retry. If it stays, see whether most of etcd's members run and can be reached.",
});

export const storeOutcomeUnknown = BerthError.define({
  code: "BERTH_STORE_OUTCOME_UNKNOWN",
  grpc: "DEADLINE_EXCEEDED",
  http: 504,
  owner: "cluster user",
  next: "The write may or may not have happened: read the object, then decide.",
});

export const storeRefused = BerthError.define({
  code: "BERTH_STORE_REFUSED",
  grpc: "PERMISSION_DENIED",
  http: 500,
  owner: "operator",
  next: "Correct the client certificate, or etcd's own users and roles.",
});

export const storeFull = BerthError.define({
  code: "BERTH_STORE_FULL",
  grpc: "RESOURCE_EXHAUSTED",
  http: 507,
  owner: "operator",
  next: "Make room: `berth store compact`, then `etcdctl defrag` and `etcdctl alarm disarm`; or raise etcd's --quota-backend-bytes. Deletions still work.",
});

export const storeNewerFormat = BerthError.define({
  code: "BERTH_STORE_NEWER_FORMAT",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Use a Berth at least as new as the one that wrote it.",
});

export const storeForeign = BerthError.define({
  code: "BERTH_STORE_FOREIGN",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Choose another --etcd-prefix.",
});

export const storeMissing = BerthError.define({
  code: "BERTH_STORE_MISSING",
  grpc: "NOT_FOUND",
  http: 404,
  owner: "operator",
  next: "Name the store's own --data-dir or --etcd-prefix, or start a core with this one, which makes it.",
});

export const storeFileUnreadable = BerthError.define({
  code: "BERTH_STORE_FILE_UNREADABLE",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Name a file that exists and that this process may read.",
});
