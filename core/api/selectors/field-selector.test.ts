import { expect, test } from "vitest";
import { kinds } from "../kinds/kinds.ts";
import { matchesFields, parseFieldSelector, selectedName } from "./field-selector.ts";

const pods = kinds.byResource("", "v1", "pods")!;
const pod = { metadata: { name: "a", namespace: "b" }, spec: { nodeName: "n1" } };

test.each([
  ["metadata.name=a,spec.nodeName!=n2", true],
  ["spec.nodeName==n1", true],
  ["spec.nodeName=", false],
  ["status.phase=", true],
  ["spec.hostNetwork=false", true],
  ["", true],
])("the field selector %j is %s for the pod", (text, expected) => {
  expect(matchesFields(pods, parseFieldSelector(pods, text), pod)).toBe(expected);
});

test("a field the kind cannot be selected by is named", () => {
  expect(() => parseFieldSelector(pods, "spec.foo=1")).toThrow("field label not supported: spec.foo");
  expect(() => parseFieldSelector(pods, "spec")).toThrow("can't understand 'spec'");
});

test("an escaped comma belongs to the value", () => {
  expect(parseFieldSelector(pods, String.raw`metadata.name=a\,b`)[0]!.value).toBe("a,b");
  expect(selectedName(parseFieldSelector(pods, "metadata.name=x"))).toBe("x");
});
