import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Clock } from "@berth/base";
import type { WatchCache } from "../cache/watch-cache.ts";
import { isStatusError } from "../request/status-error.ts";
import type { Filter } from "../request/request.ts";

/** What this server counts, under the names that dashboards of Kubernetes know. */
export class ServerMetrics {
  readonly registry: Registry;
  readonly #requests: Counter<"verb" | "resource" | "code">;
  readonly #durations: Histogram<"verb" | "resource">;

  readonly #gauges: Gauge[] = [];

  /** `registry` may be shared with others of the same process; each has its own names. */
  constructor(cache: WatchCache, registry = new Registry()) {
    this.registry = registry;
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Counter({
      name: "apiserver_request_total",
      help: "Answered requests by verb, resource and HTTP code.",
      labelNames: ["verb", "resource", "code"],
      registers,
    });
    this.#durations = new Histogram({
      name: "apiserver_request_duration_seconds",
      help: "Seconds from the request's head to its answer, watches and other long requests left out.",
      labelNames: ["verb", "resource"],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
      registers,
    });
    this.#gauges.push(
      new Gauge({
        name: "apiserver_storage_objects",
        help: "Stored objects by resource.",
        labelNames: ["resource"],
        registers,
        collect() {
          for (const kind of cache.kinds()) this.set({ resource: resourceOf(kind.prefix) }, kind.size);
        },
      }),
      new Gauge({
        name: "apiserver_longrunning_requests",
        help: "Open watches by resource, those of this process included.",
        labelNames: ["resource"],
        registers,
        collect() {
          for (const kind of cache.kinds()) this.set({ resource: resourceOf(kind.prefix) }, kind.readerCount);
        },
      }),
    );
  }

  filter(clock: Clock): Filter {
    return async (request, next) => {
      const { info } = request;
      const { verb } = info;
      const resource = info.isResource ? info.resource : "";
      const start = clock.monotonic();
      let code = 200;
      try {
        const reply = await next(request);
        if ("status" in reply) code = reply.status;
        return reply;
      } catch (error) {
        code = isStatusError(error) ? error.code : 500;
        throw error;
      } finally {
        this.#requests.inc({ verb, resource, code: String(code) });
        if (verb !== "watch") this.#durations.observe({ verb, resource }, (clock.monotonic() - start) / 1000);
      }
    };
  }
}

/** "pods", "deployments.apps" of a storage prefix. */
function resourceOf(prefix: string): string {
  const [, group = "", resource = ""] = prefix.split("/");
  return group === "core" ? resource : `${resource}.${group}`;
}
