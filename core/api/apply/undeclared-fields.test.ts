import { describe, expect, test } from "vitest";
import { typeSchema } from "../schema/type-schema.ts";
import { undeclaredFields } from "./undeclared-fields.ts";

const said = (object: object, ...unknown: string[]): string =>
  undeclaredFields("apps.v1.Deployment", object as never, unknown, typeSchema);

describe("members that an applied object has and its type has not", () => {
  test("one is a sentence", () => {
    expect(said({}, "spec.foo")).toBe(".spec.foo: field not declared in schema");
  });

  test("several are a list, and items of keyed lists go by their keys", () => {
    const ports = [{ containerPort: 80 }];
    const spec = { template: { spec: { containers: [{ name: "a" }, { name: "b", ports }] } } };
    expect(
      said({ spec }, "spec.template.spec.containers[1].imag", "spec.template.spec.containers[1].ports[0].x"),
    ).toBe(
      'errors:\n  .spec.template.spec.containers[name="b"].imag: field not declared in schema' +
        '\n  .spec.template.spec.containers[name="b"].ports[containerPort=80,protocol="TCP"].x: field not declared in schema',
    );
  });

  test("an item without its key goes by its place", () => {
    const spec = { template: { spec: { tolerations: [{ key: "x" }] } } };
    expect(said({ spec }, "spec.template.spec.tolerations[0].foo")).toBe(
      ".spec.template.spec.tolerations[0].foo: field not declared in schema",
    );
  });
});
