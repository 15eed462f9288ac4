import type { PackageDefinition } from "@grpc/proto-loader";

/** What proto/berth/options/v1/verb.proto says about one rpc. */
export interface VerbOptions {
  /** Milliseconds; 0: no total deadline. */
  readonly deadlineMs: number;
  /** Milliseconds without progress; 0: never given up for that. */
  readonly stallMs: number;
  readonly idempotent: boolean;
  readonly readOnly: boolean;
  /** Status names after which the same request may be sent again. */
  readonly retryable: ReadonlySet<string>;
  /** Field path whose value orders calls; undefined when calls do not order one another. */
  readonly lane: readonly string[] | undefined;
  /** A caller can go on with an empty answer, where an operator wants it to. */
  readonly mayFailOpen: boolean;
}

/** One rpc of a contract with everything a caller or a server must know about it. */
export interface Verb {
  /** "csi.v1.Node/NodeStageVolume". */
  readonly name: string;
  /** "csi.v1.Node". */
  readonly service: string;
  /** "NodeStageVolume". */
  readonly method: string;
  /** "nodeStageVolume", the name in clients and handlers. */
  readonly key: string;
  readonly definition: MethodDefinition;
  readonly options: VerbOptions;
}

/** A method as proto-loader describes it to grpc-js. */
export interface MethodDefinition {
  path: string;
  requestStream: boolean;
  responseStream: boolean;
  requestSerialize: (value: object) => Buffer;
  requestDeserialize: (bytes: Buffer) => object;
  responseSerialize: (value: object) => Buffer;
  responseDeserialize: (bytes: Buffer) => object;
  requestType?: { type: { name?: string } };
  options?: object;
}

interface WireOptions {
  deadline_ms?: number;
  stall_ms?: number;
  idempotent?: boolean;
  read_only?: boolean;
  retryable?: string | string[];
  lane?: string;
  may_fail_open?: boolean;
}

const defaults: VerbOptions = {
  deadlineMs: 10_000,
  stallMs: 0,
  idempotent: false,
  readOnly: false,
  retryable: new Set(),
  lane: undefined,
  mayFailOpen: false,
};

/** The verbs of one service, in the order of the .proto. Throws when the contract has no such service. */
export function verbsOf(definition: PackageDefinition, service: string): Verb[] {
  const methods = definition[service];
  if (!methods || "format" in methods) throw new Error(`no service ${service} in this contract`);
  return Object.entries(methods as unknown as Record<string, MethodDefinition>).map(
    ([method, definition]) => ({
      name: `${service}/${method}`,
      service,
      method,
      key: verbKey(method),
      definition,
      options: readVerbOptions(definition),
    }),
  );
}

/** Full names of the services of a contract. */
export function serviceNames(definition: PackageDefinition): string[] {
  return Object.keys(definition).filter((name) => !("format" in definition[name]!));
}

export function verbKey(method: string): string {
  return method.slice(0, 1).toLowerCase() + method.slice(1);
}

/** A verb without options gets 10 s, is neither retried nor ordered, and counts as one that changes something. */
export function readVerbOptions(method: MethodDefinition): VerbOptions {
  const wire = (method.options as Record<string, WireOptions> | undefined)?.["(berth.options.v1.verb)"];
  if (!wire) return defaults;
  return {
    deadlineMs: wire.deadline_ms ?? 0,
    stallMs: wire.stall_ms ?? 0,
    idempotent: wire.idempotent ?? false,
    readOnly: wire.read_only ?? false,
    retryable: new Set([wire.retryable ?? []].flat()),
    lane: wire.lane ? wire.lane.split(".") : undefined,
    mayFailOpen: wire.may_fail_open ?? false,
  };
}

/** The value at a field path, as a lane key; undefined when a message on the way is absent or the value is empty. */
export function laneKey(request: object, path: readonly string[]): string | undefined {
  let value: unknown = request;
  for (const field of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[field];
  }
  if (typeof value === "string" || typeof value === "number") return value === "" ? undefined : String(value);
  return undefined;
}
