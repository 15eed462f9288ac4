import type { Metadata, ServiceError } from "@grpc/grpc-js";
import { type StatusName, statusName } from "./status.ts";

/** A call that did not succeed, as its caller sees it. */
export class RpcError extends Error {
  readonly code: StatusName;
  /** "csi.v1.Node/NodeStageVolume". */
  readonly verb: string;
  /** The server's own words. */
  readonly detail: string;
  /** The contract says that the same request may be sent again, with back-off. */
  readonly retryable: boolean;
  /** Trailers of the answer. */
  readonly metadata: Metadata | undefined;

  constructor(
    verb: string,
    code: StatusName,
    detail: string,
    options: { retryable: boolean; metadata?: Metadata; cause?: unknown },
  ) {
    super(failedCall(verb, code, detail), { cause: options.cause });
    this.name = "RpcError";
    this.verb = verb;
    this.code = code;
    this.detail = detail;
    this.retryable = options.retryable;
    this.metadata = options.metadata;
  }
}

/** One sentence about a call. Some servers give every failure the code UNKNOWN, which says nothing. */
export function failedCall(verb: string, code: string, detail: string): string {
  return code === "UNKNOWN" ? `${verb}: ${detail}` : `${verb}: ${code}: ${detail}`;
}

export function isRpcError(error: unknown, ...codes: StatusName[]): error is RpcError {
  return error instanceof RpcError && (codes.length === 0 || codes.includes(error.code));
}

export function toRpcError(verb: string, retryable: ReadonlySet<string>, error: unknown): RpcError {
  const { code, details, metadata } = error as Partial<ServiceError>;
  const name = typeof code === "number" ? statusName(code) : "INTERNAL";
  const detail = details ?? (error instanceof Error ? error.message : String(error));
  return new RpcError(verb, name, detail, {
    retryable: retryable.has(name),
    ...(metadata ? { metadata } : {}),
  });
}
