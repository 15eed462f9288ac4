import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { requestInfo } from "../request/request-info.ts";
import type { ServerRequest } from "../request/request.ts";
import { durationHistogram } from "./request-durations.ts";
import { RequestTally } from "./request-tally.ts";

function asked(method: string, url: string): ServerRequest {
  const { pathname, searchParams } = new URL(url, "https://berth");
  const body = { contentType: "application/json" };
  return {
    method,
    query: searchParams,
    info: requestInfo(method, pathname, searchParams),
    body,
  } as ServerRequest;
}

const pods = "/api/v1/namespaces/default/pods";

it("durations fill the buckets of one histogram for each set of labels, rehearsals and real requests together", async () => {
  const tally = new RequestTally(() => true);
  const registry = new Registry();
  registry.registerMetric(durationHistogram(() => tally.durations()));
  tally.seriesOf(asked("POST", pods)).durations.observe(0.001);
  tally.seriesOf(asked("POST", `${pods}?dryRun=All`)).durations.observe(0.02);
  tally.seriesOf(asked("POST", pods)).durations.observe(31);
  const samples = (await registry.metrics()).split("\n").filter((line) => line.startsWith("apiserver_"));
  const labels =
    'verb="POST",component="apiserver",group="",version="v1",resource="pods",subresource="",scope="namespace"';
  const name = "apiserver_request_duration_seconds";
  const bounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];
  expect(samples).toEqual([
    ...bounds.map((le) => `${name}_bucket{le="${le}",${labels}} ${le < 0.05 ? 1 : 2}`),
    `${name}_bucket{le="+Inf",${labels}} 3`,
    `${name}_sum{${labels}} 31.021`,
    `${name}_count{${labels}} 3`,
  ]);
});

it("counts what there is not under one name, however often it is asked for", () => {
  const tally = new RequestTally(({ resource }) => resource === "pods");
  for (const path of [pods, "/api/v1/namespaces/default/made-up", "/api/v1/other", "/healthz"])
    for (const _ of [1, 2]) tally.seriesOf(asked("GET", path)).count(200);
  const counted = [...tally.counts()].map(([{ verb, resource }, count]) => ({ verb, resource, count }));
  expect(counted).toEqual([
    { verb: "LIST", resource: "pods", count: 2 },
    { verb: "GET", resource: "", count: 6 },
  ]);
});
