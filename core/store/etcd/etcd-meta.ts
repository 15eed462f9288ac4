import { randomUUID } from "node:crypto";
import { BerthError } from "@berth/base";
import { EtcdClient, type EtcdClientOptions } from "@berth/etcd";
import { storeForeign, storeMissing, storeNewerFormat } from "../errors.ts";
import type { StoreInfo } from "../store.ts";
import { storeError } from "./etcd-errors.ts";
import { EtcdKeys } from "./etcd-keys.ts";
import { firstValue, put, standsAt } from "./etcd-requests.ts";
import { findRoots } from "./etcd-roots.ts";

export const etcdFormatVersion = 1;
export const defaultRoot = "/berth";

interface Meta {
  readonly format: number;
  readonly id: string;
  readonly revisionOffset: number;
  readonly importing?: boolean;
}

export interface MetaOptions {
  /** For a store that does not exist yet: see StoreInfo.revisionOffset. */
  readonly revisionOffset?: number;
  /** Nobody else shall take it for a store before `completeImport`. */
  readonly importing?: boolean;
  /** Where there is no store, none is made. */
  readonly mustExist?: boolean;
}

/**
 * Who this store is; the first process to ask makes it, unless it must exist.
 * @throws BERTH_STORE_NEWER_FORMAT, _FOREIGN, _MISSING
 */
export async function readOrMakeMeta(
  client: EtcdClient,
  keys: EtcdKeys,
  options: MetaOptions,
): Promise<StoreInfo> {
  const { revisionOffset = 0, importing = false, mustExist = false } = options;
  const fresh: Meta = {
    format: etcdFormatVersion,
    id: randomUUID(),
    revisionOffset,
    ...(importing && { importing }),
  };
  const answer = await client.txn({
    compare: [standsAt(keys.meta, 0)],
    success: mustExist ? [] : [put(keys.meta, Buffer.from(JSON.stringify(fresh)))],
    failure: [{ request_range: { key: keys.meta } }],
  });
  const root = keys.meta.toString().slice(0, -"/meta".length);
  const label = `${client.label} ${root}`;
  if (answer.succeeded && mustExist) throw await missing(client, root);
  const meta = answer.succeeded ? fresh : parseMeta(firstValue(answer), label);
  if (meta.format > etcdFormatVersion) {
    throw new BerthError(
      storeNewerFormat,
      `${label} has format ${meta.format}; this program knows formats up to ${etcdFormatVersion}`,
    );
  }
  if (meta.importing && !importing)
    throw new BerthError(
      storeForeign,
      `${label} is an import that was not completed; remove it and import again`,
    );
  return { id: meta.id, label, formatVersion: meta.format, revisionOffset: meta.revisionOffset };
}

async function missing(client: EtcdClient, root: string): Promise<BerthError> {
  const roots = await findRoots(client);
  const others = roots.length > 0 ? `stores are at ${roots.join(", ")}` : "there is none in this etcd";
  return new BerthError(storeMissing, `${client.label} has no store at ${root}; ${others}`);
}

function parseMeta(bytes: Buffer | undefined, label: string): Meta {
  let meta: Partial<Meta> | undefined;
  try {
    meta = JSON.parse(bytes?.toString() ?? "") as Partial<Meta>;
  } catch {
    meta = undefined;
  }
  const { format, id, revisionOffset, importing } = meta ?? {};
  if (!Number.isSafeInteger(format) || typeof id !== "string" || !Number.isSafeInteger(revisionOffset))
    throw new BerthError(storeForeign, `${label} holds something that is not a store of Berth's`);
  return { format: format!, id, revisionOffset: revisionOffset!, ...(importing && { importing }) };
}

/** Turns what was imported into a store like any other. */
export async function completeImport(options: EtcdClientOptions & { readonly root?: string }): Promise<void> {
  const client = new EtcdClient(options);
  try {
    const { meta } = new EtcdKeys(options.root ?? defaultRoot);
    const { kvs } = await client.range({ key: meta });
    const { importing: _, ...complete } = parseMeta(kvs[0]?.value, client.label);
    await client.txn({ success: [put(meta, Buffer.from(JSON.stringify(complete)))] });
  } catch (error) {
    throw storeError(error, client.label, "write");
  } finally {
    client.dispose();
  }
}
