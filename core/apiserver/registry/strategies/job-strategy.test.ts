import { expect, test } from "vitest";
import type { Draft } from "../object-meta.ts";
import type { WriteContext } from "../strategy.ts";
import { jobStrategy } from "./job-strategy.ts";

function made(job: Partial<Draft>): Draft {
  const metadata = { name: "pi", uid: "u1", ...job.metadata };
  const draft = { apiVersion: "batch/v1", kind: "Job", ...job, metadata } as Draft;
  void jobStrategy.prepareForCreate!(draft, {} as WriteContext);
  return draft;
}

const own = {
  "batch.kubernetes.io/controller-uid": "u1",
  "batch.kubernetes.io/job-name": "pi",
  "controller-uid": "u1",
  "job-name": "pi",
};
const selector = { matchLabels: { "batch.kubernetes.io/controller-uid": "u1" } };

test("a job selects the pods that carry its uid, and is labelled as they are", () => {
  const job = made({ spec: { template: {} }, status: { active: 1 } });
  expect(job).toMatchObject({ spec: { selector, template: { metadata: { labels: own } } } });
  expect(job.metadata.labels).toEqual(own);
  expect(job.status).toEqual({});
});

test("labels of its own stay alone, those of its template stay beside", () => {
  const template = { metadata: { labels: { app: "a" } } };
  const job = made({ metadata: { labels: { mine: "1" } }, spec: { template } });
  expect(job.metadata.labels).toEqual({ mine: "1" });
  expect(job.spec).toMatchObject({ template: { metadata: { labels: { app: "a", ...own } } } });
});

test("a selector that is its own business is left alone", () => {
  const spec = { manualSelector: true, selector: { matchLabels: { a: "b" } }, template: {} };
  expect(made({ spec: structuredClone(spec) }).spec).toEqual(spec);
});

test("another attempt of a generated name is labelled with that name", () => {
  const job = made({ spec: { template: {} } });
  job.metadata.name = "po";
  void jobStrategy.prepareForCreate!(job, {} as WriteContext);
  expect(job.metadata.labels?.["job-name"]).toBe("po");
  expect(job.spec).toMatchObject({ template: { metadata: { labels: { "job-name": "po" } } } });
});
