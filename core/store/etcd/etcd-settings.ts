import { readFileSync } from "node:fs";
import { BerthError, errorMessage } from "@berth/base";
import { storeFileUnreadable } from "../errors.ts";
import type { EtcdStoreOptions } from "./etcd-store.ts";

/** Where an etcd is and how it is spoken to; paths are of PEM files. */
export interface EtcdSettings {
  readonly servers: readonly string[];
  readonly root: string;
  readonly authorityFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
}

/** @throws BERTH_STORE_FILE_UNREADABLE */
export function readEtcdSettings(settings: EtcdSettings): EtcdStoreOptions {
  const { servers, root, authorityFile, certificateFile, keyFile } = settings;
  return {
    servers,
    root,
    ...(authorityFile !== undefined && { authority: readPem(authorityFile) }),
    ...(certificateFile !== undefined && { certificate: readPem(certificateFile) }),
    ...(keyFile !== undefined && { key: readPem(keyFile) }),
  };
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new BerthError(storeFileUnreadable, `${file} cannot be read: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}
