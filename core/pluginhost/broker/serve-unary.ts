import { type Metadata, type sendUnaryData, type Server, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { errorMessage, type Logger } from "@berth/base";
import { loadContract } from "@berth/proto";
import { isRpcError, type ParentCall, type ServiceKey, type StatusName, verbsOf } from "@berth/verbs";
import { VerbError } from "../contracts/verb-error.ts";

/** What one call of a plugin to the host does; the parent bounds whatever it causes. */
export type HostVerb = (request: never, parent: ParentCall) => unknown;

/** A refusal with a gRPC status and a sentence. */
export class HostError extends Error {
  readonly code: StatusName;

  constructor(code: StatusName, message: string) {
    super(message);
    this.code = code;
  }
}

/** Puts the unary verbs of one service on a server. A verb that is not given answers UNIMPLEMENTED. */
export function serveUnary(
  server: Server,
  key: ServiceKey,
  verbs: Readonly<Record<string, HostVerb>>,
  logger: Logger,
): void {
  const known = verbsOf(loadContract(key.contract), key.name).filter((verb) => verbs[verb.key]);
  const definitions = Object.fromEntries(known.map((verb) => [verb.method, verb.definition]));
  const handlers = Object.fromEntries(
    known.map((verb) => [verb.method, handler(verb.name, verbs[verb.key]!, logger)]),
  );
  server.addService(definitions, handlers);
}

function handler(name: string, verb: HostVerb, logger: Logger) {
  return (call: ServerUnaryCall<object, object>, done: sendUnaryData<object>): void => {
    const abort = new AbortController();
    call.on("cancelled", () => abort.abort(new Error(`${name}: the caller gave up`)));
    const at = call.getDeadline();
    const deadline = at instanceof Date ? at.getTime() : at;
    const [trace] = call.metadata.get("traceparent");
    const parent: ParentCall = {
      deadline: deadline === Infinity ? undefined : deadline,
      signal: abort.signal,
      trace: typeof trace === "string" ? trace : undefined,
    };
    const answer = async (): Promise<void> => {
      try {
        done(null, (await verb(call.request as never, parent)) as object);
      } catch (error) {
        logger.debug("host service refused", { verb: name, error: errorMessage(error) });
        done({ code: codeOf(error), details: errorMessage(error), ...trailersOf(error) });
      }
    };
    void answer();
  };
}

function codeOf(error: unknown): status {
  if (error instanceof VerbError || error instanceof HostError) return status[error.code as StatusName];
  return status.INTERNAL;
}

/** What the plugin behind it said beside its status: CNI's error object, for one. */
function trailersOf(error: unknown): { metadata?: Metadata } {
  const cause = error instanceof VerbError ? error.cause : undefined;
  return isRpcError(cause) && cause.metadata ? { metadata: cause.metadata } : {};
}
