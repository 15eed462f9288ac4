/**
 * Entry of the worker thread around the store file. A bundle of Berth must contain this file as an entry of its own,
 * named `sqlite-worker.js`, beside the bundle that contains sqlite-store.ts.
 */
import { parentPort, workerData } from "node:worker_threads";

import { SqliteEngine } from "./sqlite-engine.ts";
import {
  pack,
  type Packed,
  toProblem,
  unpack,
  type WorkerAnswer,
  type WorkerRequest,
  type WorkerSettings,
} from "./worker-messages.ts";

if (!parentPort) throw new Error("sqlite-worker.ts is the entry of a worker thread; see sqlite-store.ts");
const port = parentPort;

function send(answer: WorkerAnswer): void {
  const packed = pack(answer);
  port.postMessage(packed, [packed.bytes]);
}

function serve(engine: SqliteEngine): void {
  port.on("message", (packed: Packed<WorkerRequest>) => {
    const { method, args } = unpack(packed);
    try {
      const call = engine[method] as (...args: readonly unknown[]) => unknown;
      send({ result: call.apply(engine, [...args]) });
    } catch (error) {
      send({ problem: toProblem(error) });
    }
    if (method === "close") port.close();
  });
}

try {
  const { path, revisionOffset } = workerData as WorkerSettings;
  const engine = new SqliteEngine(path, revisionOffset === undefined ? {} : { revisionOffset });
  send({ result: engine.info });
  serve(engine);
} catch (error) {
  send({ problem: toProblem(error) });
}
