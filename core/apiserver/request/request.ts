import type { IncomingMessage } from "node:http";
import type { Duplex, Readable } from "node:stream";
import type { HttpResponse } from "../../http/index.ts";
import type { Kind } from "../../api/index.ts";
import type { AuditAnnotations } from "../audit/audit-event.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import type { ObjectWatch } from "../cache/watch.ts";
import type { InProcessEvent } from "../server/in-process-front.ts";
import type { RequestInfo } from "./request-info.ts";
import type { StatusError } from "./status-error.ts";

/** Who asks, as established by authentication or, in process, by who made the client. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A request on its way through the filter chain, whichever transport brought it. */
export interface ServerRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly info: RequestInfo;
  /** The audit log may listen in. */
  body: RequestBody;
  /** Aborts when the caller goes away or the deadline passes. */
  readonly signal: AbortSignal;
  /** For the audit trail and for proxies: "127.0.0.1", "in-process". */
  readonly remoteAddress: string;
  /** Gathered on the way and sent as Warning headers. */
  readonly warnings: string[];
  user: User;
  /** Present when the caller's credentials are no good; `user` is nobody then. */
  readonly refusal?: StatusError | undefined;
  /** Under which the request is found in the audit log; chosen there when absent. */
  readonly auditId?: string;
  /** Present when the request is written to the audit log. */
  audit?: AuditAnnotations;
  /** Calls `done` when the caller has the whole answer, or is gone; absent where there is nothing to be sent. */
  readonly onAnswered?: (done: () => void) => void;
  /** The connection the request came by, for handlers that answer by themselves; none for a caller in this process. */
  readonly response?: HttpResponse | undefined;
  /** Present when the caller wants to leave HTTP (exec, attach, port-forward). */
  readonly upgrade?: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer };
}

export type RequestBody =
  | {
      readonly kind: "bytes";
      readonly contentType: string;
      read(limit: number): Promise<Buffer>;
      /** As it comes, for proxies. */
      stream(): Readable;
    }
  /** From a caller in the same process; it is copied before anybody changes it. */
  | { readonly kind: "object"; readonly contentType: string; readonly value: unknown };

/** What the registry answers; a transport turns it into bytes, tables or frozen objects. */
export type Reply =
  | ObjectReply
  | StoredReply
  | ListReply
  | WatchReply
  | BytesReply
  | EventsReply
  /** The answer has been written, or the connection handed over, by the handler itself. */
  | { readonly kind: "taken" };

/** An object that is not in the store as such: a Status, a review, a document. */
export interface ObjectReply {
  readonly kind: "object";
  readonly status: number;
  readonly value: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface StoredReply {
  readonly kind: "stored";
  readonly status: number;
  readonly of: Kind;
  readonly object: CachedObject;
}

export interface ListReply {
  readonly kind: "list";
  readonly of: Kind;
  readonly revision: number;
  readonly items: readonly CachedObject[];
  readonly continueToken?: string;
  readonly remaining?: number;
}

export interface WatchReply {
  readonly kind: "watch";
  readonly of: Kind;
  readonly watch: ObjectWatch;
  /** The caller wants to be told now and then how far he is. */
  readonly bookmarks: boolean;
  /** When the server ends it; chosen by the server when absent. */
  readonly timeoutSeconds: number | undefined;
}

export interface BytesReply {
  readonly kind: "bytes";
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What another server tells; only callers in this process, who have no connection to be handed on, get it so. */
export interface EventsReply {
  readonly kind: "events";
  /** Until the signal aborts. */
  follow(stop: AbortSignal): AsyncIterable<InProcessEvent>;
}

export type Handler = (request: ServerRequest) => Promise<Reply>;
/** A link of the filter chain: does its part, then calls the next, or answers itself. */
export type Filter = (request: ServerRequest, next: Handler) => Promise<Reply>;
