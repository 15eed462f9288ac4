import type { Filter } from "../request/request.ts";

/** Turns away whose credentials were no good: behind the filters that count and write down every request. */
export const authenticationFilter: Filter = (request, next) => {
  if (request.refusal) throw request.refusal;
  return next(request);
};
