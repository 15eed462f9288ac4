import { describe, expect, test } from "vitest";
import { formatLabelSelector, labelSelectorQuery, parseLabelSelector } from "./label-selector.ts";
import { matchesLabels } from "./requirement.ts";

const labels = { app: "web", tier: "front", "example.com/rank": "7" };

describe("a label selector", () => {
  test.each([
    ["", true],
    ["app=web", true],
    ["app==web,tier!=db", true],
    ["app", true],
    ["!app", false],
    ["missing!=x", true],
    ["missing=", false],
    ["app in (web, api)", true],
    ["app notin (web)", false],
    ["missing notin (web)", true],
    ["example.com/rank>5,example.com/rank < 8", true],
    ["app>5", false],
    [" app = web , tier in (front) ", true],
  ])("%j is %s for the labels", (text, expected) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(expected);
  });

  test.each(["app=web,", "app in web", "app in (a", "=x", "app=a b", "a/b/c=d", "app=a$", "rank>x", ")"])(
    "%j is refused with the selector in the sentence",
    (text) => {
      expect(() => parseLabelSelector(text)).toThrow(JSON.stringify(text));
    },
  );

  test("as an object selects by all its parts, and nothing when it is absent", () => {
    const query = labelSelectorQuery({
      matchLabels: { app: "web" },
      matchExpressions: [{ key: "tier", operator: "In", values: ["front", "back"] }],
    });
    expect(matchesLabels(query, labels)).toBe(true);
    expect(matchesLabels(labelSelectorQuery(undefined), labels)).toBe(false);
    expect(matchesLabels(labelSelectorQuery({}), labels)).toBe(true);
  });

  test("is printed the way it is typed", () => {
    expect(
      formatLabelSelector({ matchLabels: { b: "2" }, matchExpressions: [{ key: "a", operator: "Exists" }] }),
    ).toBe("a,b=2");
    expect(formatLabelSelector({})).toBe("<none>");
  });
});
