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

test.each([
  ["pods", "spec.foo=1", "field label not supported: spec.foo"],
  [
    "configmaps",
    "data.a=1",
    '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ],
  ["pods", "a,spec", "invalid selector: 'a,spec'; can't understand 'a'"],
  ["pods", "metadata.name=a=b", "invalid field selector: unescaped character in value: 61"],
  ["pods", String.raw`metadata.name=\x`, String.raw`invalid field selector: invalid escape sequence: \x`],
])("of %s, the field selector %j is refused: %s", (resource, text, why) => {
  expect(() => parseFieldSelector(kinds.byResource("", "v1", resource)!, text)).toThrow(why);
});

test("an escaped comma belongs to the value", () => {
  expect(parseFieldSelector(pods, String.raw`metadata.name=a\,b`)[0]!.value).toBe("a,b");
  expect(selectedName(parseFieldSelector(pods, "metadata.name=x"))).toBe("x");
});
