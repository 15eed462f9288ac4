import { loadContract } from "@berth/proto";

/** google.protobuf.Any as containerd uses it: the type's bare name, without "type.googleapis.com/". */
export interface EncodedAny {
  type_url: string;
  value: Buffer;
}

/** Type names under which containerd keeps OCI documents, as JSON bytes. */
export const jsonType = {
  spec: "types.containerd.io/opencontainers/runtime-spec/1/Spec",
  process: "types.containerd.io/opencontainers/runtime-spec/1/Process",
  resources: "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources",
} as const;

export function jsonAny(typeUrl: string, value: unknown): EncodedAny {
  return { type_url: typeUrl, value: Buffer.from(JSON.stringify(value)) };
}

/** The document in an Any made by {@link jsonAny}; undefined when there is none. */
export function parseJsonAny(any: { value?: unknown } | null | undefined): unknown {
  const bytes = any?.value;
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return undefined;
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown;
}

interface MessageCodec {
  serialize(value: object): Buffer;
  deserialize(bytes: Buffer): object;
}

function codec(fullName: string): MessageCodec | undefined {
  return loadContract("containerd")[fullName] as unknown as MessageCodec | undefined;
}

/** Encodes a message of the containerd contract: `protoAny("containerd.runc.v1.Options", {...})`. */
export function protoAny(fullName: string, value: object): EncodedAny {
  const found = codec(fullName);
  if (!found) throw new Error(`the containerd contract has no message ${fullName}`);
  return { type_url: fullName, value: found.serialize(value) };
}

/** Decodes an Any whose type the contract knows; undefined for any other. */
export function parseProtoAny(any: { type_url?: string; value?: unknown }): object | undefined {
  const name = (any.type_url ?? "").split("/").pop() ?? "";
  const bytes = any.value;
  if (!(bytes instanceof Uint8Array)) return undefined;
  return codec(name)?.deserialize(Buffer.from(bytes));
}
