import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ContractName } from "./contracts.ts";

/** The part of a descriptor's JSON that readers of it need: names, numbers, types, options. */
export interface DescriptorNode {
  nested?: Record<string, DescriptorNode>;
  fields?: Record<string, DescriptorField>;
  oneofs?: Record<string, { oneof: string[] }>;
  values?: Record<string, number>;
  methods?: Record<string, DescriptorMethod>;
}

export interface DescriptorField {
  type: string;
  id: number;
  rule?: "repeated" | "required";
  /** Set on a map; `type` is then the type of its values. */
  keyType?: string;
  options?: Record<string, unknown>;
}

export interface DescriptorMethod {
  requestType: string;
  responseType: string;
  requestStream?: boolean;
  responseStream?: boolean;
  parsedOptions?: Record<string, unknown>[];
}

/** The descriptor of a contract with field options, which the definition for grpc-js does not carry. Read anew each time. */
export function describeContract(name: ContractName): DescriptorNode {
  return JSON.parse(
    readFileSync(join(import.meta.dirname, "generated", `${name}.json`), "utf8"),
  ) as DescriptorNode;
}
