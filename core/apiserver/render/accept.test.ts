import { describe, expect, it } from "vitest";
import { outputForm, streamForm } from "./accept.ts";

const table = "application/json;as=Table;v=v1;g=meta.k8s.io";

describe("outputForm", () => {
  it.each([
    [undefined, "object json"],
    ["*/*", "object json"],
    ["application/vnd.kubernetes.protobuf,application/json", "object json"],
    [`${table},application/json`, "table json"],
    [`application/json;as=Table;v=v2;g=meta.k8s.io,application/json`, "object json"],
    ["application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "metadata-list json"],
    ["application/json;stream=watch", "object json"],
    ["application/json;stream=other, application/yaml", "object yaml"],
    ["application/yaml", "object yaml"],
    ["application/json;q=0.1, application/yaml", "object yaml"],
    ["application/yaml;q=0.5,application/json; q=0.6", "object json"],
    ["*/*, application/*, application/yaml", "object yaml"],
    [`*/*;q=0.8,${table};q=0.9`, "table json"],
  ])("%s gets %s", (accept, expected) => {
    const { as, encoding } = outputForm(accept);
    expect(`${as} ${encoding}`).toBe(expected);
  });

  it.each(["application/vnd.kubernetes.protobuf", "text/html"])("%s alone is not acceptable", (accept) => {
    expect(() => outputForm(accept)).toThrow("406: Not Acceptable");
  });

  it("is not YAML for a stream", () => {
    expect(() => streamForm("application/yaml")).toThrow("accepted: application/json;stream=watch");
  });
});
