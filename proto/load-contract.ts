import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromJSON, type PackageDefinition } from "@grpc/proto-loader";
import type { ContractName } from "./contracts.ts";

const loaded = new Map<ContractName, PackageDefinition>();

/**
 * The definition of a contract for grpc-js: services by their full name (`runtime.v1.RuntimeService`).
 * Fields keep the .proto's snake_case; 64-bit integers are decimal strings; enums are names; bytes are Buffers;
 * absent scalars read as their default; a oneof's set member is named by the oneof's own key.
 */
export function loadContract(name: ContractName): PackageDefinition {
  let definition = loaded.get(name);
  if (!definition) {
    const file = join(import.meta.dirname, "generated", `${name}.json`);
    definition = fromJSON(JSON.parse(readFileSync(file, "utf8")), {
      keepCase: true,
      longs: String,
      enums: String,
      defaults: true,
      oneofs: true,
    });
    loaded.set(name, definition);
  }
  return definition;
}
