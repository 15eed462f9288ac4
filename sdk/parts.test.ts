import { expect, it } from "vitest";
import { createToken } from "@berth/base";
import { ConfigurationParts } from "./parts.ts";

const A = createToken<{ name: string; dispose?(): void }>("test.a");
const B = createToken<{ a: unknown; dispose?(): void }>("test.b");

it("makes each part once and undoes them in reverse", async () => {
  const parts = new ConfigurationParts("p");
  const gone: string[] = [];
  parts.bind(A, () => ({ name: "a", dispose: () => void gone.push("a") }));
  parts.bind(B, (all) => ({ a: all.get(A), dispose: () => void gone.push("b") }));
  expect(parts.get(B).a).toBe(parts.get(A));
  await parts.dispose();
  expect(gone).toEqual(["b", "a"]);
});

it("keeps two configurations apart", () => {
  const [one, two] = [new ConfigurationParts("1"), new ConfigurationParts("2")];
  for (const parts of [one, two]) parts.bind(A, () => ({ name: parts.label }));
  expect([one.get(A).name, two.get(A).name]).toEqual(["1", "2"]);
});

it("names the ring of parts that need each other, and a part that nobody bound", () => {
  const parts = new ConfigurationParts("p");
  parts.bind(A, (all) => ({ name: typeof all.get(B).a }));
  parts.bind(B, (all) => ({ a: all.get(A) }));
  expect(() => parts.get(A)).toThrow(/berth:test\.a → berth:test\.b → berth:test\.a/u);
  expect(() => parts.get(createToken("test.none"))).toThrow("p has no part berth:test.none");
});
