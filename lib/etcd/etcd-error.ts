import { status as grpcStatus } from "@grpc/grpc-js";

/** A call that etcd did not serve. */
export class EtcdError extends Error {
  /** gRPC status name: UNAVAILABLE, OUT_OF_RANGE… */
  readonly code: string;
  /** etcd's own words: `etcdserver: mvcc: required revision has been compacted`. */
  readonly detail: string;
  /** No member was given the request: it has had no effect, and will have none. */
  readonly unsent: boolean;

  constructor(method: string, code: string, detail: string, options: { unsent?: boolean } = {}) {
    super(`etcd ${method}: ${code}: ${detail}`);
    this.name = "EtcdError";
    this.code = code;
    this.detail = detail;
    this.unsent = options.unsent ?? false;
  }

  get isCompacted(): boolean {
    return this.code === "OUT_OF_RANGE" && this.detail.includes("compacted");
  }

  get isFutureRevision(): boolean {
    return this.code === "OUT_OF_RANGE" && this.detail.includes("future");
  }

  /** The lease that a write named has ended. */
  get isLeaseGone(): boolean {
    return this.code === "NOT_FOUND" && this.detail.includes("lease");
  }

  /** Another member may serve what this one did not. */
  get mayBeElsewhere(): boolean {
    return this.code === "UNAVAILABLE" || this.code === "DEADLINE_EXCEEDED";
  }
}

export function isEtcdError(error: unknown): error is EtcdError {
  return error instanceof EtcdError;
}

export function toEtcdError(method: string, error: unknown): EtcdError {
  if (error instanceof EtcdError) return error;
  const { code, details, message } = error as { code?: number; details?: string; message?: string };
  const name = (code === undefined ? undefined : grpcStatus[code]) ?? "INTERNAL";
  const detail = details || message || String(error);
  return new EtcdError(method, name, detail, { unsent: refusedBeforeProposal(detail) });
}

/** Said by a member before it hands a write to the others, so that the write cannot have happened. */
function refusedBeforeProposal(detail: string): boolean {
  return ["etcdserver: no leader", "etcdserver: too many requests", "etcdserver: not capable"].includes(
    detail,
  );
}
