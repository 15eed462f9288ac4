/** Opens as the worker of a store file does, and ends at the first question that it is asked. */
import { parentPort } from "node:worker_threads";
import { pack, type WorkerAnswer } from "../../core/store/worker-messages.ts";

const info = { id: "dying", label: "dying", formatVersion: 1, revisionOffset: 0 };
const answer: WorkerAnswer = { result: info };
const packed = pack(answer);
parentPort!.postMessage(packed, [packed.bytes]);
parentPort!.on("message", () => process.exit(1));
