import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkConfig, type ConfigSchema } from "@berth/verbs";
import { type BridgeConfig, resolveNetwork } from "./network-settings.ts";

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../plugin.json"), "utf8")) as {
  config: ConfigSchema;
};
const read = (config: object) =>
  resolveNetwork(checkConfig(manifest.config, config) as unknown as BridgeConfig);

test("an empty configuration works", () => {
  expect(read({})).toMatchObject({ bridge: "berth0", mtu: 0, masquerade: true, hairpin: true });
  expect(read({}).ranges.map(({ subnet }) => subnet)).toEqual(["10.88.0.0/16"]);
});

test("a misspelt key is refused with the right one in the sentence", () => {
  expect(() => read({ masqerade: false })).toThrow("masquerade");
  expect(() => read({ ranges: [{ subnet: "10.0.0.0/8", gatway: "10.0.0.1" }] })).toThrow("gateway");
});

test.each([
  [{ bridge: "UPPER" }, "bridge"],
  [{ bridge: "a-name-of-17-char" }, "bridge"],
  [{ ranges: [] }, "ranges is empty"],
  [{ ranges: [{ subnet: "10.0.0.0/8" }, { subnet: "11.0.0.0/8" }] }, "ranges has two of IPv4"],
  [{ ranges: [{ subnet: "10.0.0.0/8" }, { subnet: "x" }] }, 'ranges[1]: "x"'],
])("%o is refused, naming %s", (config, sentence) => {
  expect(() => read(config)).toThrow(sentence);
});
