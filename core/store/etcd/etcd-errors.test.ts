import { EtcdError } from "@berth/etcd";
import { expect, it } from "vitest";
import { storeError } from "./etcd-errors.ts";

const said = (code: string, detail: string, unsent = false): EtcdError =>
  new EtcdError("Txn", code, detail, { unsent });

it.each([
  // Whoever is told that nothing was written may write again.
  ["write", said("UNAVAILABLE", "no connection", true), "BERTH_STORE_UNREACHABLE"],
  ["write", said("UNAVAILABLE", "Connection dropped"), "BERTH_STORE_OUTCOME_UNKNOWN"],
  ["write", said("UNAVAILABLE", "etcdserver: request timed out"), "BERTH_STORE_OUTCOME_UNKNOWN"],
  ["write", said("DEADLINE_EXCEEDED", "Deadline exceeded"), "BERTH_STORE_OUTCOME_UNKNOWN"],
  ["write", said("UNKNOWN", "something new"), "BERTH_STORE_OUTCOME_UNKNOWN"],
  ["read", said("DEADLINE_EXCEEDED", "Deadline exceeded"), "BERTH_STORE_UNREACHABLE"],
  ["write", said("PERMISSION_DENIED", "etcdserver: permission denied"), "BERTH_STORE_REFUSED"],
  ["write", said("INVALID_ARGUMENT", "etcdserver: user name is empty"), "BERTH_STORE_REFUSED"],
  ["write", said("INVALID_ARGUMENT", "etcdserver: request is too large"), "BERTH_STORE_VALUE_TOO_LARGE"],
  ["write", said("RESOURCE_EXHAUSTED", "etcdserver: mvcc: database space exceeded"), "BERTH_STORE_FULL"],
  [
    "read",
    said("OUT_OF_RANGE", "mvcc: required revision has been compacted"),
    "BERTH_STORE_REVISION_COMPACTED",
  ],
  [
    "read",
    said("OUT_OF_RANGE", "mvcc: required revision is a future revision"),
    "BERTH_STORE_REVISION_FUTURE",
  ],
] as const)("of a %s, %s is %s", (kind, error, code) => {
  expect(storeError(error, "etcd http://a:1", kind)).toMatchObject({ code });
});
