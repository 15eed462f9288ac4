import type { FuzzRequest } from "./random-request.ts";
import type { Answer } from "./send.ts";

interface StatusBody {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly details?: { readonly causes?: readonly unknown[] };
}

/** What a client must never see: stack frames, files of the server's. */
const inside = /\.[jt]s:\d+|node:internal|\n\s+at |\/(?:home|root|tmp|w|work|usr|opt)\/|BERTH_SECRET/;

/** What is wrong with an answer, or undefined. */
export function fault(request: FuzzRequest, answer: Answer): string | undefined {
  const { code, text } = answer;
  if (code < 400) return code < 200 ? `an answer with code ${code}` : undefined;
  if (request.method === "HEAD")
    return code >= 500 && !isFarEnd(request, code) ? `a server error ${code}` : undefined;
  const status = parsed(text);
  if (code >= 500 && !isWait(status) && !isFarEnd(request, code)) return `a server error ${code}`;
  if (!status || status.kind !== "Status" || status.apiVersion !== "v1" || status.status !== "Failure")
    return `${code} without a Status`;
  if (status.code !== code) return `a Status of code ${String(status.code)} under ${code}`;
  if (typeof status.reason !== "string" || status.reason === "") return `${code} without a reason`;
  if (typeof status.message !== "string" || status.message === "") return `${code} without a message`;
  if (code === 422 && !status.details?.causes?.length) return "422 without a cause";
  return inside.test(text) ? "an answer that shows the server's inside" : undefined;
}

/** 504 with this cause is the API's own word for "come again": the revision asked for is not there yet. */
function isWait(status: StatusBody | undefined): boolean {
  return JSON.stringify(status?.details?.causes ?? []).includes('"ResourceVersionTooLarge"');
}

/** What stands behind a proxy may be away, and 503 says so. */
function isFarEnd({ path }: FuzzRequest, code: number): boolean {
  return (
    code === 503 && /\/(?:nodes|pods|services)\/[^/]+\/(?:proxy|log|exec|attach|portforward)\b/.test(path)
  );
}

function parsed(text: string): StatusBody | undefined {
  try {
    return JSON.parse(text) as StatusBody;
  } catch {
    return undefined;
  }
}
