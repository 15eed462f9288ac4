import { mastersGroup } from "../authz/authorizer.ts";
import type { Filter, ServerRequest } from "../request/request.ts";
import { tooManyRequests } from "../request/status-error.ts";

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

/** Refuses with 429 what would pile up beyond the limits; administrators always come through. */
export function inFlightFilter(limits: InFlightLimits): Filter {
  let reading = 0;
  let writing = 0;
  return async (request, next) => {
    if (isLongRunning(request) || request.user.groups.includes(mastersGroup)) return next(request);
    const reads = request.method === "GET" || request.method === "HEAD";
    if (reads ? reading >= limits.reading : writing >= limits.writing)
      throw tooManyRequests("too many requests at once, please try again later", 1);
    if (reads) reading++;
    else writing++;
    try {
      return await next(request);
    } finally {
      if (reads) reading--;
      else writing--;
    }
  };
}
