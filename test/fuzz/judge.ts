import { parse } from "yaml";
import type { FuzzRequest } from "./random-request.ts";
import type { Answer } from "./send.ts";

interface StatusBody {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly details?: { readonly causes?: readonly { readonly message?: unknown }[] };
}

/** The reasons that clients know a code by. */
const reasons: Readonly<Record<number, readonly string[]>> = {
  400: ["BadRequest"],
  401: ["Unauthorized"],
  403: ["Forbidden"],
  404: ["NotFound"],
  405: ["MethodNotAllowed"],
  406: ["NotAcceptable"],
  409: ["Conflict", "AlreadyExists"],
  410: ["Expired", "Gone"],
  413: ["RequestEntityTooLarge"],
  415: ["UnsupportedMediaType"],
  422: ["Invalid"],
  429: ["TooManyRequests"],
};

/** Where Kubernetes' groups are not asked, its servers answer as any web server does. */
const noPage = "404 page not found\n";

/** Of a JSON patch that does not fit its object, API servers say no more. */
const unfit = "the server rejected our request due to an error in our request";

/** Mistakes of the client's that every API server answers with 500 and without a reason; recorded in test/interop/answers. */
const unnamed =
  /^(?:failed to create typed patch object|resourceVersion should not be set on objects to be created|strconv\.ParseUint: parsing|\[?target\.(?:kind|name): )/;

/** What a client must never see: stack frames, files of the server's. */
const inside = /\.[jt]s:\d+|node:internal|\n\s+at |\/(?:home|root|tmp|w|work|usr|opt)\/|BERTH_SECRET/;

/** What is wrong with an answer, or undefined. */
export function fault(request: FuzzRequest, answer: Answer): string | undefined {
  const { code, text } = answer;
  if (code < 400) return code < 200 ? `an answer with code ${code}` : undefined;
  if (request.method === "HEAD") {
    // There is no body that would say what is waited for.
    const mayWait = code === 504 && request.path.includes("resourceVersion=");
    return code >= 500 && !mayWait && !isFarEnd(request, code) ? `a server error ${code}` : undefined;
  }
  if (code === 404 && text === noPage) return undefined;
  const status = parsed(text);
  if (code === 500 && isUnnamed(request, status)) return undefined;
  if (code >= 500 && !isWait(status) && !isFarEnd(request, code)) return `a server error ${code}`;
  if (!status || status.kind !== "Status" || status.apiVersion !== "v1" || status.status !== "Failure")
    return `${code} without a Status`;
  if (status.code !== code) return `a Status of code ${String(status.code)} under ${code}`;
  if (typeof status.reason !== "string" || status.reason === "") return `${code} without a reason`;
  if (typeof status.message !== "string" || status.message === "") return `${code} without a message`;
  if (!(reasons[code] ?? [status.reason]).includes(status.reason)) return `${code} for ${status.reason}`;
  const { causes = [] } = status.details ?? {};
  if (code === 422 && causes.length === 0 && status.message !== unfit) return "422 without a cause";
  if (causes.some(({ message }) => typeof message !== "string" || message === ""))
    return "a cause without a message";
  return inside.test(text) ? "an answer that shows the server's inside" : undefined;
}

/**
 * 504 with this cause is the API's own word for "come again": the revision asked for is not there yet. A webhook that must
 * be asked and is not there is 500 in every API server.
 */
function isWait(status: StatusBody | undefined): boolean {
  if (typeof status?.message === "string" && status.message.includes("failed calling webhook")) return true;
  return JSON.stringify(status?.details?.causes ?? []).includes('"ResourceVersionTooLarge"');
}

/** Of strategic patches, whatever is wrong with their directives is such a mistake. */
function isUnnamed({ method, headers }: FuzzRequest, { reason, message }: StatusBody = {}): boolean {
  if (reason !== undefined || typeof message !== "string") return false;
  const isStrategic = method === "PATCH" && (headers["content-type"] ?? "").includes("strategic-merge-patch");
  return isStrategic || unnamed.test(message);
}

/** What stands behind a proxy may be away, and 503 says so. */
function isFarEnd({ path }: FuzzRequest, code: number): boolean {
  return (
    code === 503 && /\/(?:nodes|pods|services)\/[^/]+\/(?:proxy|log|exec|attach|portforward)\b/.test(path)
  );
}

function parsed(text: string): StatusBody | undefined {
  try {
    return parse(text) as StatusBody;
  } catch {
    return undefined;
  }
}
