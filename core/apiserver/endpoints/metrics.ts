import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Clock } from "@berth/base";
import type { WatchCache } from "../cache/watch-cache.ts";
import { isStatusError } from "../request/status-error.ts";
import { type InFlight, isLongRunning } from "../filters/in-flight.ts";
import type { ResourceRequest } from "../request/request-info.ts";
import type { Filter, ServerRequest } from "../request/request.ts";

/** Labels as dashboards and alerts of Kubernetes ask for them. */
const requestLabels = ["verb", "group", "version", "resource", "subresource", "scope", "component"] as const;
type RequestLabel = (typeof requestLabels)[number];

/** What this server counts, under the names that dashboards of Kubernetes know. */
export class ServerMetrics {
  readonly registry: Registry;
  readonly #requests: Counter<RequestLabel | "code" | "dry_run">;
  readonly #durations: Histogram<RequestLabel>;
  readonly #refused: Counter<"request_kind">;
  readonly #gauges: Gauge[] = [];

  readonly #isServed: (info: ResourceRequest) => boolean;

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
    this.#isServed = isServed;
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Counter({
      name: "apiserver_request_total",
      help: "Answered requests by verb, resource and HTTP code.",
      labelNames: [...requestLabels, "code", "dry_run"],
      registers,
    });
    this.#durations = new Histogram({
      name: "apiserver_request_duration_seconds",
      help: "Seconds from the request's head to its answer, watches and other long requests left out.",
      labelNames: requestLabels,
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
      registers,
    });
    this.#refused = new Counter({
      name: "apiserver_dropped_requests_total",
      help: "Requests refused with 429 because too many were in flight.",
      labelNames: ["request_kind"],
      registers,
    });
    this.#gauges.push(
      new Gauge({
        name: "apiserver_current_inflight_requests",
        help: "Requests whose answers are still to be taken, long ones left out.",
        labelNames: ["request_kind"],
        registers,
        collect() {
          this.set({ request_kind: "readOnly" }, inFlight.reading.count);
          this.set({ request_kind: "mutating" }, inFlight.writing.count);
        },
      }),
      new Gauge({
        name: "apiserver_storage_objects",
        help: "Stored objects by resource.",
        labelNames: ["resource"],
        registers,
        collect() {
          for (const { prefix, size } of cache.kinds()) this.set({ resource: qualified(prefix) }, size);
        },
      }),
      new Gauge({
        name: "apiserver_resource_objects",
        help: "Stored objects by group and resource.",
        labelNames: ["group", "resource"],
        registers,
        collect() {
          for (const { prefix, size } of cache.kinds()) this.set(namesOf(prefix), size);
        },
      }),
      new Gauge({
        name: "apiserver_longrunning_requests",
        help: "Open watches by resource, those of this process included.",
        labelNames: ["verb", "group", "resource"],
        registers,
        collect() {
          for (const { prefix, readerCount } of cache.kinds())
            this.set({ verb: "WATCH", ...namesOf(prefix) }, readerCount);
        },
      }),
    );
  }

  filter(clock: Clock): Filter {
    return async (request, next) => {
      const labels = labelsOf(request, this.#isServed);
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
        const dryRun = request.query.get("dryRun") === "All" ? "All" : "";
        this.#requests.inc({ ...labels, code: String(code), dry_run: dryRun });
        if (code === 429) this.#refused.inc({ request_kind: isRead(request) ? "readOnly" : "mutating" });
        if (!isLongRunning(request)) this.#durations.observe(labels, (clock.monotonic() - start) / 1000);
      }
    };
  }
}

const isRead = ({ method }: ServerRequest): boolean => method === "GET" || method === "HEAD";

const verbNames: Readonly<Record<string, string>> = { create: "POST", update: "PUT" };
const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Of what is no resource here no name is kept: callers must not be able to add series without end. */
function labelsOf(
  request: ServerRequest,
  isServed: (info: ResourceRequest) => boolean,
): Record<RequestLabel, string> {
  const { info, method } = request;
  const known = { verb: methods.has(method) ? method : "OTHER", component: "apiserver" };
  if (!info.isResource || !isServed(info))
    return { ...known, group: "", version: "", resource: "", subresource: "", scope: "" };
  const { verb, group, version, resource, subresource, namespace, name } = info;
  const isApply = request.body.contentType.startsWith("application/apply-patch");
  return {
    ...known,
    verb: isApply ? "APPLY" : (verbNames[verb] ?? verb.toUpperCase()),
    group,
    version,
    resource,
    subresource,
    scope: name !== "" ? "resource" : namespace !== "" ? "namespace" : "cluster",
  };
}

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
