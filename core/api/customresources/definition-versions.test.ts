import { describe, expect, test } from "vitest";
import { thingDefinition, wrongIn } from "../../../test/support/thing-definition.ts";

const version = (name: string, storage: boolean, more: object): object => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: { type: "object" } },
  ...more,
});

const wrong = (...versions: object[]): string[] => wrongIn(thingDefinition({ versions }));

describe("a version", () => {
  test("has what all versions share complained about once, and the rest at itself", () => {
    const shared = {
      schema: { openAPIV3Schema: { type: "text" } },
      additionalPrinterColumns: [{ name: "A", type: "text", jsonPath: "[[" }],
      subresources: { scale: { specReplicasPath: ".x.y", statusReplicasPath: ".status.n" } },
      selectableFields: [{ jsonPath: ".spec.no" }],
    };
    const places = (one: object, other: object): string[] => [
      ...new Set(
        wrong(version("v1", true, one), version("v2", false, other)).map((text) => text.split(":", 1)[0]!),
      ),
    ];
    const parts = ["additionalPrinterColumns[0].type", "additionalPrinterColumns[0].JSONPath"];
    const rest = ["subresources.scale.specReplicasPath", ...parts, "selectableFields[0].jsonPath"];
    const inVersion = ["schema.openAPIV3Schema.type", ...rest];
    expect(places(shared, shared)).toEqual(
      ["validation.openAPIV3Schema.type", ...rest].map((part) => `spec.${part}`),
    );
    expect(places({}, shared)).toEqual(inVersion.map((part) => `spec.versions[1].${part}`));
    expect(places(shared, {})).toEqual(inVersion.map((part) => `spec.versions[0].${part}`));
  });

  test("is warned of in a sentence that fits, and only when it is deprecated", () => {
    const warned = (deprecated: boolean, deprecationWarning: string): string[] =>
      wrong(version("v1", true, { deprecated, deprecationWarning }));
    const at = "spec.versions[0].deprecationWarning: Invalid value";
    expect(warned(true, "w".repeat(256))).toEqual([]);
    expect(warned(false, "w")).toEqual([`${at}: "w": can only be set for deprecated versions`]);
    expect(warned(true, "")).toEqual([`${at}: "": must not be an empty string`]);
    const long = "w".repeat(257);
    expect(warned(true, long)).toEqual([`${at}: "${long}": must be <= 256 characters long`]);
  });
});
