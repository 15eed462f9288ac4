import type { EtcdClient } from "@berth/etcd";
import { EtcdKeys, rangeOf } from "./etcd-keys.ts";

/** Others may keep any number of keys in the same etcd: after so many looks what was found must do. */
const looks = 100;
/** What may follow a store's root, as EtcdKeys has it. */
const rootOf = /^(.+?)\/(?:k\/|meta$|mark$)/;
const everything = Buffer.from([0]);

/** The roots of the stores in an etcd, in order; it skips from one to the next and reads no values. */
export async function findRoots(client: EtcdClient): Promise<string[]> {
  const roots: string[] = [];
  let from: Buffer = everything;
  for (let look = 0; look < looks; look++) {
    const { kvs } = await client.range({ key: from, range_end: everything, limit: 1, keys_only: true });
    const key = kvs[0]?.key;
    if (!key) return roots;
    const root = rootOf.exec(key.toString())?.[1];
    const isStore = root !== undefined && (await has(client, new EtcdKeys(root).meta));
    if (isStore) roots.push(root);
    from = isStore ? new EtcdKeys(root).all.rangeEnd : afterFolder(key);
  }
  return roots;
}

async function has(client: EtcdClient, key: Buffer): Promise<boolean> {
  return (await client.range({ key, keys_only: true })).kvs.length > 0;
}

/** What follows everything that begins as this key does, up to its last slash. */
function afterFolder(key: Buffer): Buffer {
  const slash = key.lastIndexOf("/");
  return slash > 0 ? rangeOf(key.subarray(0, slash + 1)).rangeEnd : Buffer.concat([key, everything]);
}
