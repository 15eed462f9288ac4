import type { Clock } from "@berth/base";
import { isStatusError } from "../request/status-error.ts";
import type { Filter, ServerRequest } from "../request/request.ts";

/** One answered request, as an audit trail wants it. Bodies are not in it. */
export interface AuditRecord {
  readonly at: number;
  readonly durationMs: number;
  readonly user: string;
  readonly groups: readonly string[];
  readonly verb: string;
  readonly path: string;
  readonly remoteAddress: string;
  readonly userAgent: string;
  /** HTTP status; 0 for a connection that was handed over. */
  readonly status: number;
}

export type AuditSink = (record: AuditRecord) => void;

/** Tells the sink of every answer, refusals included. Without a sink it is not in the chain. */
export function auditFilter(sink: AuditSink, clock: Clock): Filter {
  return async (request, next) => {
    const start = clock.monotonic();
    const at = clock.now();
    const tell = (status: number): void =>
      sink({ at, durationMs: clock.monotonic() - start, status, ...describe(request) });
    try {
      const reply = await next(request);
      tell("status" in reply ? reply.status : reply.kind === "taken" ? 0 : 200);
      return reply;
    } catch (error) {
      tell(isStatusError(error) ? error.code : 500);
      throw error;
    }
  };
}

function describe(
  request: ServerRequest,
): Pick<AuditRecord, "user" | "groups" | "verb" | "path" | "remoteAddress" | "userAgent"> {
  const { user, info, path, remoteAddress, headers } = request;
  return {
    user: user.name,
    groups: user.groups,
    verb: info.verb,
    path,
    remoteAddress,
    userAgent: headers["user-agent"] ?? "",
  };
}
