import { ApiError, type ApiObject, type ApiResponse, type WatchEvent } from "./contracts.ts";
import type { Transport, TransportRequest } from "./transport.ts";

/** Who a client in the same process acts as. */
export interface InProcessUser {
  readonly name: string;
  readonly groups: readonly string[];
}

/** A server's answer to a caller in the same process: objects, frozen, never bytes. */
export type InProcessAnswer =
  | { readonly kind: "object"; readonly status: number; readonly object: object }
  | {
      readonly kind: "list";
      readonly items: readonly object[];
      readonly resourceVersion: string;
      readonly continue?: string;
      readonly remainingItemCount?: number;
    }
  | { readonly kind: "watch"; readonly events: AsyncIterable<WatchEvent<object>> }
  | { readonly kind: "text"; readonly status: number; readonly contentType: string; readonly text: string }
  | {
      readonly kind: "error";
      readonly code: number;
      readonly reason: string;
      readonly message: string;
      readonly details?: object;
    };

/** What an API server in this process offers; it enters the same filter chain as HTTPS. */
export interface InProcessEndpoint {
  call(user: InProcessUser, request: TransportRequest): Promise<InProcessAnswer>;
}

export function inProcessTransport(endpoint: InProcessEndpoint, user: InProcessUser): Transport {
  return {
    user: user.name,
    async call(request) {
      request.signal?.throwIfAborted();
      return response(await endpoint.call(user, request));
    },
    async *watch(request) {
      const answer = await endpoint.call(user, request);
      if (answer.kind !== "watch") response(answer);
      else yield* followed(answer.events);
    },
  };
}

function response(answer: InProcessAnswer): ApiResponse {
  switch (answer.kind) {
    case "error":
      throw new ApiError(
        answer.code,
        answer.reason,
        answer.message,
        answer.details as Record<string, unknown> | undefined,
      );
    case "object":
      return { status: answer.status, headers: {}, body: answer.object };
    case "list": {
      const { items, resourceVersion, remainingItemCount } = answer;
      const metadata = {
        resourceVersion,
        ...(answer.continue === undefined ? {} : { continue: answer.continue }),
        ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
      };
      return { status: 200, headers: {}, body: { metadata, items } };
    }
    case "text":
      return { status: answer.status, headers: { "content-type": answer.contentType }, body: answer.text };
    case "watch":
      break;
  }
  throw new Error("a watch was asked for where one answer is expected");
}

/** The server's own error class stays on its side. */
async function* followed(events: AsyncIterable<WatchEvent<object>>): AsyncGenerator<WatchEvent<ApiObject>> {
  try {
    yield* events as AsyncIterable<WatchEvent<ApiObject>>;
  } catch (error) {
    if (error instanceof Error && "code" in error && typeof error.code === "number" && "reason" in error)
      throw new ApiError(error.code, String(error.reason), error.message);
    throw error;
  }
}
