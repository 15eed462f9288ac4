import { BerthError } from "@berth/base";
import { isEtcdError } from "@berth/etcd";
import {
  revisionCompacted,
  revisionFuture,
  storeFull,
  storeOutcomeUnknown,
  storeRefused,
  storeUnreachable,
  storeValueTooLarge,
} from "../errors.ts";

/** What etcd said, in the words of the store. */
export function storeError(error: unknown, label: string, kind: "read" | "write"): unknown {
  if (!isEtcdError(error)) return error;
  const options = { cause: error };
  if (error.isCompacted)
    return new BerthError(
      revisionCompacted,
      "the revision is too old: its history has been compacted",
      options,
    );
  if (error.isFutureRevision)
    return new BerthError(revisionFuture, "the revision is above the store's current one", options);
  if (error.detail.includes("database space exceeded")) {
    // etcd makes the change with which the quota is reached, and says this all the same.
    const doubt = kind === "write" ? "; the change that was asked for may have been made" : "";
    return new BerthError(storeFull, `${label} has reached its quota${doubt}: ${error.detail}`, options);
  }
  if (error.detail.includes("request is too large"))
    return new BerthError(storeValueTooLarge, `${label} refuses a request of this size`, options);
  if (
    ["PERMISSION_DENIED", "UNAUTHENTICATED", "FAILED_PRECONDITION", "INVALID_ARGUMENT"].includes(error.code)
  )
    return new BerthError(storeRefused, `${label} refuses: ${error.detail}`, options);
  if (kind === "read" || error.unsent)
    return new BerthError(storeUnreachable, `${label} cannot serve: ${error.detail}`, options);
  return new BerthError(storeOutcomeUnknown, `${label} did not answer a write: ${error.detail}`, options);
}
