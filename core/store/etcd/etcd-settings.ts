import { readFileSync } from "node:fs";
import { BerthError, errorMessage } from "@berth/base";
import type { EtcdStoreOptions } from "./etcd-store.ts";

const fileUnreadable = BerthError.define({
  code: "BERTH_STORE_FILE_UNREADABLE",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Name a file that exists and that this process may read.",
});

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
    throw new BerthError(fileUnreadable, `${file} cannot be read: ${errorMessage(error)}`, { cause: error });
  }
}
