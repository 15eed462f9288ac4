import { BerthError } from "@berth/base";

export const exportDamaged = BerthError.define({
  code: "BERTH_STORE_EXPORT_DAMAGED",
  grpc: "DATA_LOSS",
  http: 500,
  owner: "operator",
  next: "Nothing was imported: make the export again, or take another copy of the file.",
});

export const importRefused = BerthError.define({
  code: "BERTH_STORE_IMPORT_REFUSED",
  grpc: "FAILED_PRECONDITION",
  http: 409,
  owner: "operator",
  next: "Import into a store that does not exist yet: name another --data-dir or --etcd-prefix, or remove what is there.",
});

export const exportUnwritable = BerthError.define({
  code: "BERTH_STORE_EXPORT_UNWRITABLE",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Name a file in a folder that exists, that this process may write, and whose disk has room.",
});
