import type { ResourceRequest } from "../request/request-info.ts";
import type { ServerRequest } from "../request/request.ts";
import { RequestDurations } from "./request-durations.ts";

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
export type RequestLabels = Readonly<Record<(typeof requestLabels)[number], string>>;

/** Requests that differ in nothing that is a label, but for their codes. */
export class RequestSeries {
  readonly labels: RequestLabels & { readonly dry_run: string };
  /** Of rehearsals and of real requests together. */
  readonly durations: RequestDurations;
  readonly codes = new Map<number, number>();

  constructor(labels: RequestSeries["labels"], durations: RequestDurations) {
    this.labels = labels;
    this.durations = durations;
  }

  count(code: number): void {
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
  }
}

const verbNames: Readonly<Record<string, string>> = { create: "POST", update: "PUT" };
const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/**
 * Counts requests in numbers of its own until somebody scrapes: to put the labels of counters and histograms together anew
 * for each request costs a tenth of a get.
 */
export class RequestTally {
  readonly #isServed: (info: ResourceRequest) => boolean;
  readonly #series = new Map<string, RequestSeries>();
  readonly #durations = new Map<string, RequestDurations>();

  /** @param isServed whether there are such a resource and subresource here: no others become labels */
  constructor(isServed: (info: ResourceRequest) => boolean) {
    this.#isServed = isServed;
  }

  seriesOf(request: ServerRequest): RequestSeries {
    const { info, method, query } = request;
    const dryRun = query.get("dryRun") === "All" ? "All" : "";
    if (!info.isResource) return this.#other(method, dryRun);
    const { group, version, resource, subresource, namespace, name } = info;
    const shown = isApply(request) ? "APPLY" : (verbNames[info.verb] ?? info.verb);
    const scope = name !== "" ? "resource" : namespace !== "" ? "namespace" : "cluster";
    const key = `${shown} ${group}/${version}/${resource}/${subresource} ${scope}`;
    const known = this.#series.get(dryRun + key);
    if (known) return known;
    if (!this.#isServed(info)) return this.#other(method, dryRun);
    return this.#made(key, {
      verb: shown.toUpperCase(),
      component,
      group,
      version,
      resource,
      subresource,
      scope,
      dry_run: dryRun,
    });
  }

  *counts(): Iterable<[RequestSeries["labels"] & { readonly code: string }, number]> {
    for (const { labels, codes } of this.#series.values())
      for (const [code, count] of codes) yield [{ ...labels, code: String(code) }, count];
  }

  durations(): Iterable<RequestDurations> {
    return this.#durations.values();
  }

  #other(method: string, dryRun: string): RequestSeries {
    const verb = methods.has(method) ? method : "OTHER";
    const none = { group: "", version: "", resource: "", subresource: "", scope: "" };
    return this.#series.get(dryRun + verb) ?? this.#made(verb, { verb, component, ...none, dry_run: dryRun });
  }

  #made(key: string, labels: RequestSeries["labels"]): RequestSeries {
    const { dry_run: dryRun, ...rest } = labels;
    const durations = this.#durations.get(key) ?? new RequestDurations(rest);
    const series = new RequestSeries(labels, durations);
    this.#durations.set(key, durations);
    this.#series.set(dryRun + key, series);
    return series;
  }
}

const component = "apiserver";

function isApply({ body }: ServerRequest): boolean {
  return body.contentType.startsWith("application/apply-patch");
}
