import { failedCall, isRpcError } from "@berth/verbs";

/** A verb of a plugin that did not succeed, as the caller sees it. */
export class VerbError extends Error {
  /** gRPC status name: NOT_FOUND, UNAVAILABLE, DEADLINE_EXCEEDED… */
  readonly code: string;
  /** "csi-hostpath: csi.v1.Node/NodePublishVolume". */
  readonly verb: string;
  /** The plugin's own words, without prefixes of ours. */
  readonly detail: string;
  /** The same request may be sent again, with back-off. */
  readonly retryable: boolean;

  constructor(verb: string, code: string, detail: string, options: { retryable: boolean; cause?: unknown }) {
    super(failedCall(verb, code, detail), { cause: options.cause });
    this.name = "VerbError";
    this.verb = verb;
    this.code = code;
    this.detail = detail;
    this.retryable = options.retryable;
  }
}

/** Whether an error says that the verb does not exist, as opposed to having failed. */
export function isUnimplemented(error: unknown): boolean {
  return (error instanceof VerbError && error.code === "UNIMPLEMENTED") || isRpcError(error, "UNIMPLEMENTED");
}
