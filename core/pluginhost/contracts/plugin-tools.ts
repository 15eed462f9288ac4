import type { ContractKind } from "./plugin-types.ts";

/** One call as the flight recorder keeps it: JSON, without what the contract marks secret. */
export interface RecordedCall {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** "csi.v1.Node/NodeStageVolume". */
  readonly verb: string;
  readonly incarnation: number;
  readonly milliseconds: number;
  /** OK or another gRPC status name. */
  readonly code: string;
  readonly detail: string;
  /** Absent for a stream of requests, and with `tooLong`. */
  readonly request?: unknown;
  readonly response?: unknown;
  /** Characters of the whole record, of which only this outline was kept. */
  readonly tooLong?: number;
}

/** What `berth plugin record` writes and `replay` reads. */
export interface CallRecording {
  readonly format: "berth.dev/calls.v1";
  readonly plugin: string;
  readonly contract: ContractKind;
  readonly version: string | undefined;
  /** Calls that the recorder could not keep since this node started, on a full disk for one. */
  readonly lost: number;
  /** Oldest first. */
  readonly calls: readonly RecordedCall[];
}

export interface CallRequest {
  /** "NodeGetInfo", "csi.v1.Node/NodeGetInfo": a unary verb of the plugin's contract. */
  readonly verb: string;
  /** Fields as the .proto names them; bytes in base64, 64-bit integers as decimal strings. */
  readonly message?: unknown;
  /** Milliseconds; the verb's own deadline when absent. */
  readonly deadlineMs?: number;
}

export interface CallAnswer {
  readonly verb: string;
  readonly incarnation: number;
  readonly milliseconds: number;
  readonly response: unknown;
}

export interface LogRequest {
  /** Go on with what is written from now on, in later processes too. */
  readonly follow?: boolean;
  /** Of an earlier process; the last one when absent. */
  readonly incarnation?: number;
  /** Last lines only. */
  readonly tail?: number;
}

/** What happens while somebody's own process stands in for a managed one. */
export type DebugEvent =
  | {
      readonly event: "waiting";
      readonly incarnation: number;
      readonly command: readonly string[];
      readonly folder: string;
      /** Everything but the token. */
      readonly environment: Readonly<Record<string, string>>;
      /** On the node, mode 0600: the same with the token, to be read by a shell. */
      readonly environmentFile: string;
    }
  | { readonly event: "serving"; readonly incarnation: number; readonly pid: number }
  | { readonly event: "refused" | "ended" | "note"; readonly message: string };

/**
 * What an author or an operator does to one plugin of this node. Rejects with a BerthError that names what to do next:
 * BERTH_NO_SUCH_PLUGIN, BERTH_PLUGIN_CALL, BERTH_PLUGIN_CALL_FAILED.
 */
export interface PluginTools {
  recording(plugin: string): CallRecording;
  /** Calls as they end, until the signal aborts. */
  follow(plugin: string, signal: AbortSignal): AsyncIterable<RecordedCall>;
  /** Through deadline, lane, gate and recorder, as the node's own calls. */
  call(plugin: string, request: CallRequest, signal: AbortSignal): Promise<CallAnswer>;
  logs(plugin: string, request: LogRequest, signal: AbortSignal): AsyncIterable<string>;
  /**
   * Until the signal aborts no process of the plugin's package runs, but whatever process is started with what is told; then the managed one is
   * restored. Rejects with BERTH_PLUGIN_DEBUG.
   */
  debug(plugin: string, signal: AbortSignal): AsyncIterable<DebugEvent>;
}
