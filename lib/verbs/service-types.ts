import type * as grpc from "@grpc/grpc-js";

/** How one call goes out. */
export interface OutgoingOptions {
  /** Milliseconds from now; the verb's own deadline when absent; 0 for none. */
  deadlineMs?: number;
  /** The call on whose behalf this one is made: its deadline less a second bounds this one, and its trace goes on. */
  parent?: ParentCall;
  signal?: AbortSignal;
  metadata?: Readonly<Record<string, string>>;
}

export interface ParentCall {
  /** Milliseconds since the epoch; undefined for none. */
  readonly deadline: number | undefined;
  readonly signal: AbortSignal;
  /** Value of the `traceparent` header (W3C Trace Context). */
  readonly trace: string | undefined;
}

type RequestOf<Method> = Method extends { requestSerialize: (value: infer Request) => Buffer }
  ? Request
  : never;
type ResponseOf<Method> = Method extends { responseDeserialize: (bytes: Buffer) => infer Response }
  ? Response
  : never;
type CallOf<Handler> = Handler extends (call: infer Call, ...rest: never[]) => void ? Call : never;

type Shape<Call> = Call extends { request: unknown }
  ? Call extends { write: unknown }
    ? "server-stream"
    : "unary"
  : Call extends { write: unknown }
    ? "duplex"
    : "client-stream";

type MethodNames<Definition> = keyof {
  [Name in keyof Definition as string extends Name ? never : Name]: unknown;
} &
  string;

/** A service as its caller sees it: promises, and async iterables where the contract streams. */
export type PromiseClient<Definition, Handlers> = {
  [Name in MethodNames<Definition> as Uncapitalize<Name>]: Name extends keyof Handlers
    ? ClientMethod<Shape<CallOf<Handlers[Name]>>, RequestOf<Definition[Name]>, ResponseOf<Definition[Name]>>
    : never;
};

type ClientMethod<Kind, Request, Response> = Kind extends "unary"
  ? (request: Request, options?: OutgoingOptions) => Promise<Response>
  : Kind extends "server-stream"
    ? (request: Request, options?: OutgoingOptions) => AsyncIterable<Response>
    : Kind extends "client-stream"
      ? (requests: AsyncIterable<Request>, options?: OutgoingOptions) => Promise<Response>
      : (requests: AsyncIterable<Request>, options?: OutgoingOptions) => AsyncIterable<Response>;

/**
 * A service as its implementer writes it: every method may be left out (callers then get UNIMPLEMENTED and the
 * capability is not claimed). `Call` is what the server knows about one call.
 */
export type Implementation<Handlers, Call> = {
  [Name in MethodNames<Handlers> as Uncapitalize<Name>]?: ServerMethod<
    CallOf<Handlers[Name]>,
    Handlers[Name],
    Call
  >;
};

type ServerMethod<GrpcCall, Handler, Call> =
  Shape<GrpcCall> extends "unary"
    ? Handler extends grpc.handleUnaryCall<infer Request, infer Response>
      ? (request: Request, call: Call) => Promise<Response> | Response
      : never
    : Shape<GrpcCall> extends "server-stream"
      ? Handler extends grpc.handleServerStreamingCall<infer Request, infer Response>
        ? (request: Request, call: Call) => AsyncIterable<Response>
        : never
      : Shape<GrpcCall> extends "client-stream"
        ? Handler extends grpc.handleClientStreamingCall<infer Request, infer Response>
          ? (requests: AsyncIterable<Request>, call: Call) => Promise<Response> | Response
          : never
        : Handler extends grpc.handleBidiStreamingCall<infer Request, infer Response>
          ? (requests: AsyncIterable<Request>, call: Call) => AsyncIterable<Response>
          : never;
