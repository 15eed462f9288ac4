import { readFile } from "node:fs/promises";
import { BerthError, errorMessage } from "@berth/base";
import { describeContract, shapeOf } from "@berth/proto";
import { Connection, isRpcError, type OutgoingOptions, redactedText, Redactor } from "@berth/verbs";
import type { CallRecording, RecordedCall } from "../../pluginhost/contracts/index.ts";
import { verbByName } from "../../pluginhost/tools/contract-verbs.ts";
import { readMessage, showMessage } from "../../pluginhost/tools/read-message.ts";

/** A plugin that was started just before needs a moment until it serves. */
const patienceMs = 10_000;

const nobodyServes = BerthError.define({
  code: "BERTH_PLUGIN_REPLAY",
  grpc: "UNAVAILABLE",
  http: 503,
  owner: "operator",
  next: "Start the plugin by hand with this --endpoint, or name the socket of one that runs.",
});

const badRecording = BerthError.define({
  code: "BERTH_PLUGIN_RECORDING",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "plugin author",
  next: "Name a file that `berth plugin record NAME --to FILE` wrote.",
});

export interface ReplayOutcome {
  readonly verb: string;
  readonly result: "same" | "different" | "skipped";
  /** "- path: what it was", "+ path: what it is", or why it was skipped. */
  readonly differences: readonly string[];
}

export async function readRecording(file: string): Promise<CallRecording> {
  let value: Partial<CallRecording>;
  try {
    value = JSON.parse(await readFile(file, "utf8")) as Partial<CallRecording>;
  } catch (error) {
    throw new BerthError(badRecording, `${file} cannot be read as JSON: ${errorMessage(error)}`);
  }
  if (value?.format !== "berth.dev/calls.v1" || !Array.isArray(value.calls))
    throw new BerthError(badRecording, `${file} is no recording of format berth.dev/calls.v1`);
  return value as CallRecording;
}

/** Sends each recorded call in its order, one at a time. What was redacted is left out of the request. */
export async function* replay(
  { calls }: CallRecording,
  options: { endpoint: string; onlyReads: boolean },
): AsyncGenerator<ReplayOutcome> {
  const connection = new Connection(options.endpoint);
  try {
    await connection.ready(patienceMs).catch((error: unknown) => {
      throw new BerthError(nobodyServes, `nobody serves at ${options.endpoint}: ${errorMessage(error)}`);
    });
    for (const call of calls) {
      const skip = reasonToSkip(call, options);
      if (skip !== undefined) yield { verb: call.verb, result: "skipped", differences: [skip] };
      else yield await replayOne(connection, call);
    }
  } finally {
    connection.dispose();
  }
}

function reasonToSkip(call: RecordedCall, { onlyReads }: { onlyReads: boolean }): string | undefined {
  const found = verbByName(call.verb);
  if (!found) return "no contract of this version has it";
  const { requestStream, responseStream } = found.verb.definition;
  if (requestStream || responseStream) return "it is a stream";
  if (call.tooLong !== undefined) return "it was too long to be kept whole";
  if (call.incarnation === 0) return "it never reached the plugin";
  if (onlyReads && !found.verb.options.readOnly) return "it changes something";
  return undefined;
}

async function replayOne(connection: Connection, call: RecordedCall): Promise<ReplayOutcome> {
  const { key, verb } = verbByName(call.verb)!;
  const descriptor = describeContract(key.contract);
  const shape = shapeOf(descriptor);
  const types = shape.services[key.name]![verb.method]!;
  const request = readMessage(shape, types.request, withoutRedacted(call.request), types.request, false);
  const methods = connection.client(key) as unknown as Readonly<
    Record<string, (request: unknown, options: OutgoingOptions) => Promise<unknown>>
  >;
  const was = { code: call.code, response: call.response };
  let is: typeof was;
  try {
    const response = await methods[verb.key]!(request, {});
    is = { code: "OK", response: showMessage(new Redactor(descriptor).redact(types.response, response)) };
  } catch (error) {
    if (!isRpcError(error)) throw error;
    is = { code: error.code, response: undefined };
  }
  const differences = differencesOf(was, is);
  return { verb: verb.name, result: differences.length === 0 ? "same" : "different", differences };
}

/** Absent is what a message without a secret says. */
function withoutRedacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRedacted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== redactedText)
      .map(([key, member]) => [key, withoutRedacted(member)]),
  );
}

function differencesOf(was: unknown, is: unknown, path = ""): string[] {
  if (isRecord(was) && isRecord(is)) {
    const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return keys.flatMap((key) => differencesOf(was[key], is[key], path === "" ? key : `${path}.${key}`));
  }
  if (JSON.stringify(was) === JSON.stringify(is)) return [];
  return [
    ...(was === undefined ? [] : [`- ${path}: ${JSON.stringify(was)}`]),
    ...(is === undefined ? [] : [`+ ${path}: ${JSON.stringify(is)}`]),
  ];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
