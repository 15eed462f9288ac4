import { expect, it } from "vitest";
import { loadContract } from "@berth/proto";
import { fromStruct, toStruct } from "./struct.ts";
import { verbsOf } from "./verb-options.ts";

it("carries JSON over the wire and back unchanged", () => {
  const config = { a: null, b: true, c: 1.5, d: "x", e: [1, "two", [false]], f: { g: {} }, "h.i": 0 };
  const configure = verbsOf(loadContract("plugin"), "berth.plugin.v1.Plugin").find(
    ({ key }) => key === "configure",
  )!;
  const bytes = configure.definition.requestSerialize({ config: toStruct(config) });
  const { config: read } = configure.definition.requestDeserialize(bytes) as { config: never };
  expect(fromStruct(read)).toEqual(config);
});
