import { BerthError, type Clock } from "@berth/base";
import { describeContract, shapeOf } from "@berth/proto";
import type { OutgoingOptions } from "@berth/verbs";
import type {
  CallAnswer,
  CallRecording,
  CallRequest,
  DebugEvent,
  LogRequest,
  PluginTools,
  RecordedCall,
} from "../contracts/plugin-tools.ts";
import { VerbError } from "../contracts/verb-error.ts";
import { callFailed, cannotDebug, noSuchPlugin } from "../errors.ts";
import type { HostedPlugin } from "../hosted-plugin.ts";
import { logFolder, type NodePaths } from "../launch/instance-paths.ts";
import { findVerb } from "./find-verb.ts";
import { readLogs } from "./read-logs.ts";
import { readMessage, showMessage } from "./read-message.ts";
import { ToldQueue } from "./told-queue.ts";

type Method = (request: unknown, options: OutgoingOptions) => Promise<unknown>;

export interface NodePluginToolsParts {
  readonly find: (plugin: string) => HostedPlugin | undefined;
  readonly paths: NodePaths;
  readonly clock: Clock;
}

/** Tools for the plugins of one node, whoever runs their processes. */
export class NodePluginTools implements PluginTools {
  readonly #parts: NodePluginToolsParts;

  constructor(parts: NodePluginToolsParts) {
    this.#parts = parts;
  }

  recording(plugin: string): CallRecording {
    const { link, contract, status } = this.#demand(plugin);
    const { version } = status.view;
    const { lost } = link.recorder;
    return { format: "berth.dev/calls.v1", plugin, contract, version, lost, calls: link.recorder.list() };
  }

  async *follow(plugin: string, signal: AbortSignal): AsyncGenerator<RecordedCall> {
    const queue = new ToldQueue<RecordedCall>();
    const subscription = this.#demand(plugin).link.recorder.onDidRecord((call) => queue.tell(call));
    try {
      yield* queue.read(signal);
    } finally {
      await subscription.dispose();
    }
  }

  debug(plugin: string, signal: AbortSignal): AsyncIterable<DebugEvent> {
    const events = this.#demand(plugin).debug?.(signal);
    if (events) return events;
    throw new BerthError(cannotDebug, `plugin ${plugin} is attached: its process is not Berth's`);
  }

  async call(plugin: string, request: CallRequest, signal: AbortSignal): Promise<CallAnswer> {
    const { link, contract, status } = this.#demand(plugin);
    const { key, verb } = findVerb(contract, request.verb);
    const shape = shapeOf(describeContract(key.contract));
    const message = readMessage(
      shape,
      shape.services[key.name]![verb.method]!.request,
      request.message ?? {},
    );
    const { clock } = this.#parts;
    const started = clock.monotonic();
    const method = (link.client(key) as unknown as Readonly<Record<string, Method>>)[verb.key]!;
    try {
      const { deadlineMs } = request;
      const answer = await method(message, { signal, ...(deadlineMs === undefined ? {} : { deadlineMs }) });
      const milliseconds = clock.monotonic() - started;
      const response = showMessage(link.recorder.redactResponse(key, verb, answer));
      return { verb: verb.name, incarnation: status.view.incarnation, milliseconds, response };
    } catch (error) {
      if (error instanceof VerbError) throw new BerthError(callFailed, error.message, { cause: error });
      throw error;
    }
  }

  logs(plugin: string, request: LogRequest, signal: AbortSignal): AsyncIterable<string> {
    this.#demand(plugin);
    return readLogs(logFolder(this.#parts.paths, plugin), request, { clock: this.#parts.clock, signal });
  }

  #demand(plugin: string): HostedPlugin {
    const found = this.#parts.find(plugin);
    if (found) return found;
    throw new BerthError(noSuchPlugin, `this node has no plugin ${plugin}`);
  }
}
