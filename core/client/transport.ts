import type { ApiObject, ApiResponse, WatchEvent } from "./contracts.ts";

export interface TransportRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the body; JSON when absent. */
  readonly contentType?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** How requests reach the API. Answers of 400 and above are thrown as ApiError. */
export interface Transport {
  /** The user it acts as. */
  readonly user: string;
  call(request: TransportRequest): Promise<ApiResponse>;
  /** Ends with the server's end of the watch, or quietly when the signal aborts. @throws ApiError, also mid-way */
  watch(request: TransportRequest): AsyncIterable<WatchEvent<ApiObject>>;
}
