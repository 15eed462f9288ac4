/**
 * Loaded with --import before the core and every plugin of a chaos run. It makes their clock wrong and their answers
 * slow, lost or empty, as files in a control folder say; the programs themselves are the shipped ones.
 */
import { readFileSync } from "node:fs";
import http2, { type ServerHttp2Stream } from "node:http2";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";

/** What is wrong with the answers of one plugin. */
export interface VerbFault {
  readonly kind: "slow verbs" | "lost answers" | "empty answers";
  readonly ms: number;
}

export const clockFile = "clock";

const lookEveryMs = 50;
const parameters = new URL(import.meta.url).searchParams;
const control = parameters.get("control");
const plugin = parameters.get("plugin");

/**
 * Only answers about a change can be lies: its effect is there, the answer says otherwise or nothing. A runtime that
 * lists no sandboxes could not be told from one that has none.
 */
const changing =
  /\/(RunPodSandbox|StopPodSandbox|RemovePodSandbox|CreateContainer|StartContainer|StopContainer|RemoveContainer|CreateVolume|DeleteVolume|Node(Uns|S)tageVolume|Node(Unp|P)ublishVolume|Add|Del|Allocate)$/;
const life = /^\/berth\.plugin\./;
const unavailable = "14";
/** A gRPC frame with no byte in it: every field has its default. */
const emptyFrame = Buffer.alloc(5);

if (control) {
  const read = (file: string): string => {
    try {
      return readFileSync(join(control, file), "utf8");
    } catch {
      return "";
    }
  };
  wrongClock(() => Number(read(clockFile) || 0));
  if (plugin) wrongAnswers(() => JSON.parse(read(plugin) || "null") as VerbFault | null);
}

function wrongClock(readOffset: () => number): void {
  let offset = readOffset();
  setInterval(() => (offset = readOffset()), lookEveryMs).unref();
  const Real = Date;
  globalThis.Date = new Proxy(Real, {
    construct: (target, given, self) =>
      Reflect.construct(target, given.length === 0 ? [Real.now() + offset] : given, self) as Date,
    get: (target, name) =>
      name === "now" ? () => Real.now() + offset : (Reflect.get(target, name) as unknown),
  });
}

type Listener = (stream: ServerHttp2Stream, headers: Record<string, unknown>, ...rest: unknown[]) => void;

function wrongAnswers(readFault: () => VerbFault | null): void {
  const wrong =
    (listener: Listener): Listener =>
    (stream, headers, ...rest) => {
      const fault = readFault();
      const path = String(headers[":path"]);
      if (!fault || life.test(path)) return listener(stream, headers, ...rest);
      if (fault.kind === "slow verbs") {
        setTimeout(() => stream.destroyed || listener(stream, headers, ...rest), fault.ms);
        return;
      }
      if (changing.test(path)) spoil(stream, fault.kind);
      listener(stream, headers, ...rest);
    };
  const create = http2.createServer;
  http2.createServer = ((...given: Parameters<typeof create>) => {
    const server = create(...given);
    const on = server.on.bind(server) as (event: string, listener: unknown) => typeof server;
    server.on = ((event: string, listener: Listener) =>
      on(event, event === "stream" ? wrong(listener) : listener)) as typeof server.on;
    return server;
  }) as typeof create;
  syncBuiltinESMExports();
}

function spoil(stream: ServerHttp2Stream, kind: VerbFault["kind"]): void {
  if (kind === "empty answers") {
    const write = stream.write.bind(stream) as (chunk: Buffer, ...rest: unknown[]) => boolean;
    stream.write = ((_chunk: unknown, ...rest: unknown[]) =>
      write(emptyFrame, ...rest)) as typeof stream.write;
    return;
  }
  const send = stream.sendTrailers.bind(stream);
  stream.sendTrailers = (trailers) =>
    send({ ...trailers, "grpc-status": unavailable, "grpc-message": "chaos: the answer was lost" });
}
