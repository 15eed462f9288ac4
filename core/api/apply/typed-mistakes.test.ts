import { expect, test } from "vitest";
import { typeSchema } from "../schema/type-schema.ts";
import { typedMistakes } from "./typed-mistakes.ts";

const ofPorts = (ports: unknown): string | undefined =>
  typedMistakes("core.v1.Service", { spec: { ports } }, typeSchema);

test("items that cannot be told apart are told by their keys, with what the keys are where they are left out", () => {
  expect(ofPorts([{ port: 80 }, { port: 80, protocol: "UDP" }])).toBeUndefined();
  expect(ofPorts([{ port: 80 }, { port: 80, protocol: "TCP" }])).toBe(
    '.spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
  );
  expect(ofPorts([null])).toBe(
    ".spec.ports: element 0: associative list with keys may not have a null element",
  );
});

test("several mistakes are one sentence each, and null is of every type", () => {
  const finalizers = ["a", "a", "a"];
  expect(typedMistakes("core.v1.ConfigMap", { metadata: { finalizers }, data: null }, typeSchema)).toBe(
    `errors:\n${Array(2).fill('  .metadata.finalizers: duplicate entries for key [="a"]').join("\n")}`,
  );
  expect(ofPorts("x")).toBe(".spec.ports: expected list, got &{x}");
});
