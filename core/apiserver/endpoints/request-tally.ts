import type { Histogram } from "prom-client";
import type { ResourceRequest } from "../request/request-info.ts";
import type { ServerRequest } from "../request/request.ts";

/** Labels as dashboards and alerts of Kubernetes ask for them. */
export const requestLabels = [
  "verb",
  "group",
  "version",
  "resource",
  "subresource",
  "scope",
  "component",
] as const;
type RequestLabel = (typeof requestLabels)[number];
type SeriesLabels = Readonly<Record<RequestLabel | "dry_run", string>>;

/** Requests that differ in nothing that is a label, but for their codes. */
export class RequestSeries {
  readonly labels: SeriesLabels;
  readonly codes = new Map<number, number>();
  readonly #durations: Histogram.Internal<RequestLabel>;

  constructor(labels: SeriesLabels, durations: Histogram<RequestLabel>) {
    this.labels = labels;
    const { dry_run: _, ...rest } = labels;
    this.#durations = durations.labels(rest);
  }

  took(seconds: number): void {
    this.#durations.observe(seconds);
  }

  count(code: number): void {
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }
}

const verbNames: Readonly<Record<string, string>> = { create: "POST", update: "PUT" };
const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/**
 * Counts requests in numbers of its own until somebody scrapes: to put a counter's labels together anew for each request
 * costs a twentieth of a get.
 */
export class RequestTally {
  readonly #isServed: (info: ResourceRequest) => boolean;
  readonly #durations: Histogram<RequestLabel>;
  readonly #series = new Map<string, RequestSeries>();

  /** @param isServed whether there are such a resource and subresource here: no others become labels */
  constructor(isServed: (info: ResourceRequest) => boolean, durations: Histogram<RequestLabel>) {
    this.#isServed = isServed;
    this.#durations = durations;
  }

  seriesOf(request: ServerRequest): RequestSeries {
    const { info, method, query } = request;
    const verb = methods.has(method) ? method : "OTHER";
    const dryRun = query.get("dryRun") === "All" ? "All" : "";
    if (!info.isResource || !this.#isServed(info)) {
      const none = { group: "", version: "", resource: "", subresource: "", scope: "" };
      return this.#find(`${verb} ${dryRun}`, () => ({ verb, component, ...none, dry_run: dryRun }));
    }
    const { group, version, resource, subresource, namespace, name } = info;
    const shown = isApply(request) ? "APPLY" : (verbNames[info.verb] ?? info.verb);
    const scope = name !== "" ? "resource" : namespace !== "" ? "namespace" : "cluster";
    const key = `${shown} ${dryRun} ${group}/${version}/${resource}/${subresource} ${scope}`;
    return this.#find(key, () => ({
      verb: shown.toUpperCase(),
      component,
      group,
      version,
      resource,
      subresource,
      scope,
      dry_run: dryRun,
    }));
  }

  *counts(): Iterable<[SeriesLabels & { readonly code: string }, number]> {
    for (const { labels, codes } of this.#series.values())
      for (const [code, count] of codes) yield [{ ...labels, code: String(code) }, count];
  }

  #find(key: string, labels: () => SeriesLabels): RequestSeries {
    let series = this.#series.get(key);
    if (!series) this.#series.set(key, (series = new RequestSeries(labels(), this.#durations)));
    return series;
  }
}

const component = "apiserver";

function isApply({ body }: ServerRequest): boolean {
  return body.contentType.startsWith("application/apply-patch");
}
