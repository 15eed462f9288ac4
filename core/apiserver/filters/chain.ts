import type { Filter, Handler } from "../request/request.ts";

/** The first filter sees the request first; the handler stands at the end. */
export function chain(filters: readonly Filter[], handler: Handler): Handler {
  let next = handler;
  for (const filter of filters.toReversed()) {
    const inner = next;
    next = (request) => filter(request, inner);
  }
  return next;
}
