import type { HttpResponse } from "../../http/index.ts";
import type { ServerRequest } from "./request.ts";

/** The connection a request came by, for a handler that answers by itself, with what every answer's head has. */
export function takeResponse({ response, auditId }: ServerRequest): HttpResponse | undefined {
  if (auditId !== undefined) response?.setHeader("Audit-Id", auditId);
  return response;
}
