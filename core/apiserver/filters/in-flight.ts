import { mastersGroup } from "../authz/authorizer.ts";
import type { Filter, Handler, Reply, ServerRequest } from "../request/request.ts";
import { tooManyRequests } from "../request/status-error.ts";
import { Seats } from "./seats.ts";

export interface InFlightLimits {
  readonly reading: number;
  readonly writing: number;
}

const longRunningSubresources: ReadonlySet<string> = new Set([
  "log",
  "exec",
  "attach",
  "portforward",
  "proxy",
]);

/** Requests that are meant to last: they have no deadline and do not count as in flight. */
export function isLongRunning({ info }: Pick<ServerRequest, "info">): boolean {
  return info.isResource && (info.verb === "watch" || longRunningSubresources.has(info.subresource));
}

/** Requests in flight, reads apart from writes: until their answers are with those who asked. */
export class InFlight {
  readonly reading: Seats;
  readonly writing: Seats;

  constructor(limits: InFlightLimits) {
    this.reading = new Seats(limits.reading);
    this.writing = new Seats(limits.writing);
  }

  /** Refuses with 429 what would pile up beyond the limits. */
  readonly filter: Filter = (request, next) => {
    if (isLongRunning(request)) return next(request);
    const isRead = request.method === "GET" || request.method === "HEAD";
    const seats = isRead ? this.reading : this.writing;
    const { name } = request.user;
    if (mustComeThrough(request)) seats.take(name);
    else if (!seats.takeIfFree(name))
      throw tooManyRequests("too many requests at once, please try again later", 1);
    let isIn = true;
    const leave = (): void => {
      if (isIn) seats.leave(name);
      isIn = false;
    };
    if (!request.onAnswered) return untilDone(request, next, leave);
    request.onAnswered(leave);
    return request.upgrade ? untilTaken(request, next, leave) : next(request);
  };
}

async function untilDone(request: ServerRequest, next: Handler, leave: () => void): Promise<Reply> {
  try {
    return await next(request);
  } finally {
    leave();
  }
}

/** Whoever has left HTTP is no request any more. */
async function untilTaken(request: ServerRequest, next: Handler, leave: () => void): Promise<Reply> {
  const reply = await next(request);
  if (reply.kind === "taken") leave();
  return reply;
}

/** Administrators, and the signs of life without which nodes and elected leaders count as lost. */
function mustComeThrough({ user, info }: ServerRequest): boolean {
  if (user.groups.includes(mastersGroup)) return true;
  if (!info.isResource) return false;
  if (info.resource === "leases")
    return user.groups.includes("system:nodes") || user.name.startsWith("system:kube-");
  return info.resource === "nodes" && user.groups.includes("system:nodes");
}
