import type { EtcdEvent, EtcdKeyValue, TxnInput, TxnOutput } from "@berth/etcd";
import type { StoredItem, StoreEvent } from "../store.ts";
import type { EtcdKeys } from "./etcd-keys.ts";

type Compare = NonNullable<TxnInput["compare"]>[number];
type Operation = NonNullable<TxnInput["success"]>[number];

/** Holds when the key's last change was at that revision; 0 when the key does not exist. */
export function standsAt(key: Buffer, revision: number): Compare {
  return { result: "EQUAL", target: "MOD", key, mod_revision: revision };
}

export function put(key: Buffer, value: Buffer, lease = "0"): Operation {
  return { request_put: { key, value, lease } };
}

export function firstKeyValue({ responses }: TxnOutput): EtcdKeyValue | undefined {
  return responses.at(-1)?.response_range?.kvs[0];
}

export function firstValue(answer: TxnOutput): Buffer | undefined {
  return firstKeyValue(answer)?.value;
}

export function itemOf(keys: EtcdKeys, offset: number, kv: EtcdKeyValue): StoredItem {
  return {
    key: keys.fromEtcd(kv.key) ?? "",
    value: kv.value,
    createRevision: Number(kv.create_revision) + offset,
    modRevision: Number(kv.mod_revision) + offset,
  };
}

/** "hidden" for the store's own keys, "cut" when compaction has taken what stood before. */
export function eventOf(keys: EtcdKeys, offset: number, event: EtcdEvent): StoreEvent | "hidden" | "cut" {
  const { kv, prev_kv: before, type } = event;
  const key = kv && keys.fromEtcd(kv.key);
  if (!kv || typeof key !== "string") return "hidden";
  const revision = Number(kv.mod_revision) + offset;
  const previous = before ? itemOf(keys, offset, before) : undefined;
  if (type === "DELETE") return previous ? { type: "delete", revision, key, previous } : "cut";
  if (!previous && kv.version !== "1") return "cut";
  return { type: "put", revision, key, item: itemOf(keys, offset, kv), previous };
}
