import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { systemClock } from "@berth/base";
import { loadContract } from "@berth/proto";
import { Connection, services, verbsOf } from "@berth/verbs";
import { CallRedaction } from "../../../core/pluginhost/call/call-redaction.ts";
import { FlightRecorder } from "../../../core/pluginhost/call/flight-recorder.ts";
import { FlushRound } from "../../../core/pluginhost/call/flush-round.ts";
import { LineRing } from "../../../core/pluginhost/call/line-ring.ts";
import { PluginLink } from "../../../core/pluginhost/call/plugin-link.ts";
import { TraceSource } from "../../../core/pluginhost/call/trace-source.ts";

const rounds = 20_000;
const warmUp = 2000;

/** About 100 bytes on the wire. */
const request = {
  config: { cni_version: "1.1.0", name: "n".repeat(64), type: "t".repeat(16) },
};

/**
 * Microseconds that the host adds to a verb over a bare grpc-js call on the same socket, interleaved: the difference of
 * the medians, at the upper end of its 95 % interval.
 */
export async function measureOverhead(endpoint: string): Promise<{ p50: number; bareUs: number }> {
  const verb = verbsOf(loadContract("cni"), "berth.cni.v1.NetworkPlugin").find(
    ({ key }) => key === "status",
  )!;
  const bare = new Client(endpoint, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  const { path, requestSerialize, responseDeserialize } = verb.definition;
  const callBare = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      bare.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
        error ? reject(error) : resolve(answer),
      );
    });
  const folder = mkdtempSync(join(tmpdir(), "berth-calls-"));
  const flushes = new FlushRound();
  const recorder = new FlightRecorder(
    new CallRedaction(),
    new LineRing(join(folder, "bench.jsonl")),
    flushes,
  );
  const link = new PluginLink("bench", { clock: systemClock, trace: new TraceSource(), recorder });
  const connection = new Connection(endpoint);
  link.gate.open({ connection, incarnation: 1 });
  const client = link.client(services.network);
  const times = { bare: [] as number[], host: [] as number[] };
  for (let round = 0; round < rounds + warmUp; round++) {
    const bareFirst = round % 2 === 0;
    for (const own of bareFirst ? [false, true] : [true, false]) {
      const start = performance.now();
      await (own ? client.status(request) : callBare());
      const us = (performance.now() - start) * 1000;
      if (round >= warmUp) (own ? times.host : times.bare).push(us);
    }
  }
  bare.close();
  recorder.close();
  flushes.dispose();
  rmSync(folder, { recursive: true });
  connection.dispose();
  return {
    p50: upperMedian(times.host, 1) - upperMedian(times.bare, -1),
    bareUs: upperMedian(times.bare, 0),
  };
}

/** The median, or with `side` ±1 an end of its 95 % interval by ranks (half of it each, for a difference of two). */
function upperMedian(values: number[], side: -1 | 0 | 1): number {
  const sorted = values.toSorted((a, b) => a - b);
  const spread = side * 0.5 * 1.96 * Math.sqrt(sorted.length) * Math.SQRT1_2;
  return sorted[Math.round(sorted.length / 2 + spread)]!;
}
