import { expect, test } from "vitest";
import { createApiClient } from "./api-client.ts";
import { clientOf, resources } from "./resources.ts";
import type { Transport } from "./transport.ts";

/** Answers everything with one body. */
function answering(body: object): Transport {
  return {
    user: "test",
    call: async () => ({ status: 200, headers: {}, body }),
    watch: () => {
      throw new Error("nobody watches here");
    },
  };
}

test("what a list's kind says once, every object of it says to who reads it here", async () => {
  const body = { apiVersion: "v1", kind: "PodList", metadata: {}, items: [{ metadata: { name: "web" } }] };
  const { items } = await clientOf(createApiClient(answering(body)), resources.pods).list();
  expect(items).toEqual([{ apiVersion: "v1", kind: "Pod", metadata: { name: "web" } }]);
});

test("an object of a list that says its own kind keeps it", async () => {
  const item = { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "one" } };
  const body = { apiVersion: "v1", kind: "List", metadata: {}, items: [item] };
  const { items } = await clientOf(createApiClient(answering(body)), resources.pods).list();
  expect(items).toEqual([item]);
});
