import { abuse } from "./abuse.ts";
import { fault } from "./judge.ts";
import { type FuzzRequest, randomRequest } from "./random-request.ts";
import { Random } from "./random.ts";
import { Sender } from "./send.ts";
import { startTarget, type Target } from "./target.ts";

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Hears of every fault, with what is needed to repeat it. */
  readonly report: (line: string) => void;
  readonly mostRequests?: number;
}

export interface FuzzOutcome {
  readonly requests: number;
  /** Answers no client should get: 5xx, errors that are no proper Status, the server's inside. */
  readonly serverErrors: number;
  readonly crashes: number;
}

const workers = 16;
/** Every so many requests a connection is mistreated instead. */
const abuseEvery = 97;

/** Sends requests drawn from a seed to a server of its own; the n-th request is the same in every run of that seed. */
export async function fuzz(options: FuzzOptions): Promise<FuzzOutcome> {
  const { seconds, seed, report, mostRequests = Infinity } = options;
  const random = new Random(seed);
  const outcome = { requests: 0, serverErrors: 0, crashes: 0 };
  let until = Infinity;
  const isOver = (): boolean => performance.now() >= until || outcome.requests >= mostRequests;
  while (!isOver()) {
    const target = await startTarget((line) => report(`the server logged: ${line}`));
    // A slow start takes nothing from the run.
    if (until === Infinity) until = performance.now() + seconds * 1000;
    const sender = new Sender(target.place, workers);
    const { crashed } = target;
    const work = async (): Promise<void> => {
      while (!isOver() && !crashed.aborted) await one(target, sender, random, outcome, report);
    };
    await Promise.all(Array.from({ length: workers }, work));
    sender.dispose();
    if (!crashed.aborted) await target.stop();
    if (!crashed.aborted) continue;
    outcome.crashes++;
    report(`crash before request ${outcome.requests} of seed ${seed}: ${String(crashed.reason)}`);
  }
  return outcome;
}

async function one(
  target: Target,
  sender: Sender,
  random: Random,
  outcome: { requests: number; serverErrors: number },
  report: (line: string) => void,
): Promise<void> {
  const number = ++outcome.requests;
  if (number % abuseEvery === 0) return abuse(target.place, random);
  const request = randomRequest(random);
  const answer = await sender.send(request);
  const wrong = answer && fault(request, answer);
  if (!wrong) return;
  outcome.serverErrors++;
  report(`request ${number}: ${wrong}\n  ${shown(request)}\n  ${answer.text.slice(0, 500)}`);
}

function shown({ method, path, headers, body }: FuzzRequest): string {
  const text = body ? ` ${JSON.stringify(body.toString("utf8").slice(0, 1500))}` : "";
  return `${method} ${path.slice(0, 500)} ${JSON.stringify(headers)}${text}`;
}
