import { expect, test } from "vitest";
import { kinds, type ManagedFieldsEntry } from "../../api/index.ts";
import { applyObject } from "./apply-object.ts";
import type { Draft, Meta } from "./object-meta.ts";
import type { WriteContext } from "./strategy.ts";

const maps = kinds.byResource("", "v1", "configmaps")!;

/** Of what is wrong by itself nobody is asked: there is no registry. */
async function refusal(metadata: Meta): Promise<unknown> {
  const wanted: Draft = { apiVersion: "v1", kind: "ConfigMap", metadata };
  const place = { namespace: "a", name: "x" };
  return await applyObject(undefined as never, maps, place, wanted, false, {} as WriteContext).catch(
    (error: unknown) => error,
  );
}

test.each<[string, Meta, string]>([
  ["who owns what", { managedFields: [{} as ManagedFieldsEntry] }, "metadata.managedFields must be nil"],
  ["another name", { name: "y" }, "the name of the object (y) does not match the name on the URL (x)"],
  ["another namespace", { namespace: "b" }, "does not match the namespace sent on the request"],
])("an apply that says %s is refused", async (_, metadata, sentence) => {
  expect(await refusal(metadata)).toMatchObject({
    code: 400,
    message: expect.stringContaining(sentence) as string,
  });
});
