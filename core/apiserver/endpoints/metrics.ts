import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { Clock } from "@berth/base";
import type { WatchCache } from "../cache/watch-cache.ts";
import { isStatusError } from "../request/status-error.ts";
import { type InFlight, isLongRunning } from "../filters/in-flight.ts";
import type { ResourceRequest } from "../request/request-info.ts";
import type { Filter, ServerRequest } from "../request/request.ts";
import { durationHistogram } from "./request-durations.ts";
import { requestLabels, RequestTally } from "./request-tally.ts";

/** What this server counts, under the names that dashboards of Kubernetes know. */
export class ServerMetrics {
  readonly registry: Registry;
  readonly #tally: RequestTally;
  readonly #refused: Counter<"request_kind">;

  /**
   * @param isServed whether there are such a resource and subresource here: no others become labels
   * @param registry may be shared with others of the same process; each has its own names
   */
  constructor(
    cache: WatchCache,
    inFlight: InFlight,
    isServed: (info: ResourceRequest) => boolean,
    registry = new Registry(),
  ) {
    this.registry = registry;
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    const tally = (this.#tally = new RequestTally(isServed));
    this.registry.registerMetric(durationHistogram(() => tally.durations()));
    const requests = new Counter({
      name: "apiserver_request_total",
      help: "Answered requests by verb, resource and HTTP code.",
      labelNames: [...requestLabels, "dry_run", "code"],
      registers,
      collect() {
        requests.reset();
        for (const [labels, count] of tally.counts()) requests.inc(labels, count);
      },
    });
    this.#refused = new Counter({
      name: "apiserver_dropped_requests_total",
      help: "Requests refused with 429 because too many were in flight.",
      labelNames: ["request_kind"],
      registers,
    });
    const seats = new Gauge({
      name: "apiserver_current_inflight_requests",
      help: "Requests whose answers are still to be taken, long ones left out.",
      labelNames: ["request_kind"],
      registers,
      collect() {
        seats.set({ request_kind: "readOnly" }, inFlight.reading.count);
        seats.set({ request_kind: "mutating" }, inFlight.writing.count);
      },
    });
    const stored = new Gauge({
      name: "apiserver_storage_objects",
      help: "Stored objects by resource.",
      labelNames: ["resource"],
      registers,
      collect() {
        for (const { prefix, size } of cache.kinds()) stored.set({ resource: qualified(prefix) }, size);
      },
    });
    const objects = new Gauge({
      name: "apiserver_resource_objects",
      help: "Stored objects by group and resource.",
      labelNames: ["group", "resource"],
      registers,
      collect() {
        for (const { prefix, size } of cache.kinds()) objects.set(namesOf(prefix), size);
      },
    });
    const watches = new Gauge({
      name: "apiserver_longrunning_requests",
      help: "Open watches by resource, those of this process included.",
      labelNames: ["verb", "group", "resource"],
      registers,
      collect() {
        for (const { prefix, readerCount } of cache.kinds())
          watches.set({ verb: "WATCH", ...namesOf(prefix) }, readerCount);
      },
    });
  }

  filter(clock: Clock): Filter {
    return async (request, next) => {
      const series = this.#tally.seriesOf(request);
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
        series.count(code);
        if (code === 429) this.#refused.inc({ request_kind: isRead(request) ? "readOnly" : "mutating" });
        if (!isLongRunning(request)) series.durations.observe((clock.monotonic() - start) / 1000);
      }
    };
  }
}

const isRead = ({ method }: ServerRequest): boolean => method === "GET" || method === "HEAD";

/** Of the storage prefix `/apps/deployments/`. */
function namesOf(prefix: string): { group: string; resource: string } {
  const [, group = "", resource = ""] = prefix.split("/");
  return { group: group === "core" ? "" : group, resource };
}

/** "pods", "deployments.apps". */
function qualified(prefix: string): string {
  const { group, resource } = namesOf(prefix);
  return group === "" ? resource : `${resource}.${group}`;
}
