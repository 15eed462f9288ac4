import { Metadata } from "@grpc/grpc-js";
import { BerthError, errorMessage } from "@berth/base";
import { isStatusName, RpcError, statusCode, type StatusName } from "@berth/verbs";

/**
 * What a verb answers when it cannot do its work: the contract's status, one sentence that names object and cause, and
 * what the caller does next. A {@link BerthError} thrown by a verb is answered in the same way.
 */
export class PluginError extends Error {
  readonly code: StatusName;
  readonly next: string;
  /** Trailers that the contract asks for: "cni-error-bin" → bytes. */
  readonly trailers: Readonly<Record<string, Uint8Array | string>>;

  constructor(
    code: StatusName,
    message: string,
    next: string,
    options: { cause?: unknown; trailers?: Record<string, Uint8Array | string> } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "PluginError";
    this.code = code;
    this.next = next;
    this.trailers = options.trailers ?? {};
  }
}

/** What goes on the wire for anything a verb threw. */
export interface StatusAnswer {
  code: number;
  details: string;
  metadata: Metadata;
}

/** INTERNAL is for what the plugin did not foresee; the log then carries the stack. */
export function toStatus(error: unknown, signal?: AbortSignal): StatusAnswer {
  const metadata = new Metadata();
  if (error instanceof PluginError) {
    for (const [name, value] of Object.entries(error.trailers)) {
      metadata.set(name, typeof value === "string" ? value : Buffer.from(value));
    }
    return { code: statusCode(error.code), details: withNext(errorMessage(error), error.next), metadata };
  }
  if (error instanceof BerthError) {
    const { grpc, next, code } = error.definition;
    metadata.set("berth-code", code);
    const name = isStatusName(grpc) ? grpc : "INTERNAL";
    return { code: statusCode(name), details: withNext(errorMessage(error), next), metadata };
  }
  if (error instanceof RpcError) {
    return { code: statusCode(error.code), details: `${error.verb}: ${error.detail}`, metadata };
  }
  if (signal?.aborted) {
    const code = signal.reason instanceof PluginError ? signal.reason.code : "CANCELLED";
    return { code: statusCode(code), details: errorMessage(error), metadata };
  }
  return { code: statusCode("INTERNAL"), details: errorMessage(error), metadata };
}

/** True for what the plugin's author did not foresee. */
export function isUnforeseen(error: unknown): boolean {
  return !(error instanceof PluginError || error instanceof BerthError || error instanceof RpcError);
}

function withNext(message: string, next: string): string {
  const sentence = /[.!?]$/u.test(message) ? message : `${message}.`;
  return next ? `${sentence} ${next}` : sentence;
}
