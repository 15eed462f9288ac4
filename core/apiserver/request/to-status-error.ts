import { errorMessage, isBerthError, type Logger } from "@berth/base";
import { type StatusDetails, StatusError } from "./status-error.ts";

const reasons: Readonly<Record<number, string>> = {
  400: "BadRequest",
  404: "NotFound",
  409: "Conflict",
  410: "Expired",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  499: "Timeout",
  503: "ServiceUnavailable",
  504: "Timeout",
  507: "InternalError",
};

/** What is well formed and does not fit always has a cause. */
function causesOf(code: number, message: string): StatusDetails | undefined {
  return code === 422 ? { causes: [{ reason: "FieldValueInvalid", message }] } : undefined;
}

/** Anything thrown as an answer. What is not meant for callers stays in the log, under an id that the answer names. */
export function toStatusError(error: unknown, logger: Logger, what: string): StatusError {
  if (error instanceof StatusError) return error;
  if (isBerthError(error)) {
    const { http } = error.definition;
    const known = reasons[http];
    if (known && http < 500)
      return new StatusError(http, known, error.message, causesOf(http, error.message));
    logger.error(`${what}: ${errorMessage(error)}`, { code: error.code });
    // The message may name files of the server's; what to do next never does.
    return new StatusError(http, known ?? "InternalError", `${error.code}: ${error.definition.next}`);
  }
  if (error instanceof URIError) return new StatusError(400, "BadRequest", "the path is not well-formed");
  const id = crypto.randomUUID();
  logger.error(`${what}: ${errorMessage(error)}`, {
    id,
    stack: error instanceof Error ? error.stack : undefined,
  });
  return new StatusError(
    500,
    "InternalError",
    `Internal error occurred: the server's log says more under ${id}`,
  );
}
