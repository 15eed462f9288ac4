import type { Histogram } from "prom-client";
import type { RequestLabels } from "./request-tally.ts";

const name = "apiserver_request_duration_seconds";
const help = "Seconds from the request's head to its answer, watches and other long requests left out.";
/** Seconds. */
const bounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** How long the requests took that differ in no label. */
export class RequestDurations {
  readonly #labels: RequestLabels;
  /** One for each bound, and one for what took longer. */
  readonly #counts = Array.from({ length: bounds.length + 1 }, () => 0);
  #sum = 0;

  constructor(labels: RequestLabels) {
    this.#labels = labels;
  }

  observe(seconds: number): void {
    let at = 0;
    while (at < bounds.length && seconds > bounds[at]!) at++;
    this.#counts[at]!++;
    this.#sum += seconds;
  }

  *samples(): Iterable<Sample> {
    const labels = this.#labels;
    let count = 0;
    for (const [index, le] of [...bounds, "+Inf"].entries()) {
      count += this.#counts[index]!;
      yield { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
    }
    yield { metricName: `${name}_sum`, labels, value: this.#sum };
    yield { metricName: `${name}_count`, labels, value: count };
  }
}

/** What a registry asks of a histogram; prom-client's own would take the samples one by one and not as they stand. */
export function durationHistogram(all: () => Iterable<RequestDurations>): Histogram {
  const about = { name, help, type: "histogram", aggregator: "sum" };
  const get = async (): Promise<object> => ({
    ...about,
    values: [...all()].flatMap((one) => [...one.samples()]),
  });
  return { ...about, get, reset: () => {} } as unknown as Histogram;
}
