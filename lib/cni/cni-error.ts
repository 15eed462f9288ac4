import { errorMessage } from "@berth/base";
import { loadContract } from "@berth/proto";
import type { Error__Output } from "@berth/proto/generated/cni/berth/cni/v1/Error.ts";
import { isRpcError } from "@berth/verbs";

/** Codes of the specification. From 100 on they are a plugin's own. */
export const cniCode = {
  incompatibleVersion: 1,
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  ioFailure: 5,
  decodingFailure: 6,
  invalidConfig: 7,
  tryAgain: 11,
  notAvailable: 50,
  notAvailableAndLimited: 51,
  other: 100,
} as const;

/** The specification's error object as something that can be thrown. */
export class CniError extends Error {
  readonly code: number;
  readonly details: string;

  constructor(code: number, message: string, details = "", cause?: unknown) {
    super(message, { cause });
    this.name = "CniError";
    this.code = code;
    this.details = details;
  }

  toJson(cniVersion: string): object {
    const { code, message: msg, details } = this;
    return { cniVersion, code, msg, ...(details ? { details } : {}) };
  }
}

/** gRPC trailer in which a plugin sends the error object beside the status. */
export const cniErrorTrailer = "cni-error-bin";

interface Codec {
  serialize(value: object): Buffer;
  deserialize(bytes: Buffer): object;
}

export function encodeCniError(error: { code: number; message: string; details: string }): Buffer {
  const { code, message: msg, details } = error;
  return codec().serialize({ cni_version: "1.1.0", code, msg, details });
}

const byStatus: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: cniCode.invalidConfig,
  UNAVAILABLE: cniCode.tryAgain,
  DEADLINE_EXCEEDED: cniCode.tryAgain,
  NOT_FOUND: cniCode.unknownContainer,
};

/** The plugin's own error object where it sent one, else what its gRPC status comes to. */
export function toCniError(error: unknown): CniError {
  if (error instanceof CniError) return error;
  if (!isRpcError(error)) return new CniError(cniCode.other, errorMessage(error), "", error);
  const [sent] = error.metadata?.get(cniErrorTrailer) ?? [];
  if (Buffer.isBuffer(sent)) {
    const { code, msg, details } = codec().deserialize(sent) as Error__Output;
    return new CniError(code, msg, details, error);
  }
  return new CniError(
    byStatus[error.code] ?? cniCode.other,
    error.detail,
    `${error.verb}: ${error.code}`,
    error,
  );
}

function codec(): Codec {
  return loadContract("cni")["berth.cni.v1.Error"] as unknown as Codec;
}
