import { randomUUID } from "node:crypto";
import { BerthError } from "@berth/base";
import type { EtcdClient } from "@berth/etcd";
import { storeForeign, storeNewerFormat } from "../errors.ts";
import type { StoreInfo } from "../store.ts";
import type { EtcdKeys } from "./etcd-keys.ts";
import { firstValue, put, standsAt } from "./etcd-requests.ts";

export const etcdFormatVersion = 1;

interface Meta {
  readonly format: number;
  readonly id: string;
  readonly revisionOffset: number;
}

/** Who this store is; the first process to ask makes it. @throws BERTH_STORE_NEWER_FORMAT, _FOREIGN */
export async function readOrMakeMeta(
  client: EtcdClient,
  keys: EtcdKeys,
  revisionOffset: number,
): Promise<StoreInfo> {
  const fresh: Meta = { format: etcdFormatVersion, id: randomUUID(), revisionOffset };
  const answer = await client.txn({
    compare: [standsAt(keys.meta, 0)],
    success: [put(keys.meta, Buffer.from(JSON.stringify(fresh)))],
    failure: [{ request_range: { key: keys.meta } }],
  });
  const label = `${client.label} ${keys.meta.toString().slice(0, -"/meta".length)}`;
  const meta = answer.succeeded ? fresh : parseMeta(firstValue(answer), label);
  if (meta.format > etcdFormatVersion) {
    throw new BerthError(
      storeNewerFormat,
      `${label} has format ${meta.format}; this program knows formats up to ${etcdFormatVersion}`,
    );
  }
  return { id: meta.id, label, formatVersion: meta.format, revisionOffset: meta.revisionOffset };
}

function parseMeta(bytes: Buffer | undefined, label: string): Meta {
  let meta: Partial<Meta> | undefined;
  try {
    meta = JSON.parse(bytes?.toString() ?? "") as Partial<Meta>;
  } catch {
    meta = undefined;
  }
  const { format, id, revisionOffset } = meta ?? {};
  if (!Number.isSafeInteger(format) || typeof id !== "string" || !Number.isSafeInteger(revisionOffset))
    throw new BerthError(storeForeign, `${label} holds something that is not a store of Berth's`);
  return { format: format!, id, revisionOffset: revisionOffset! };
}
