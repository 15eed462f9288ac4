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

  test.each([
    ["app=web,", "found '', expected: identifier after ','"],
    ["a,,b", "found ',', expected: identifier after ','"],
    ["=x", "found '=', expected: !, identifier, or 'end of string'"],
    ["app=a b", "found 'b', expected: ',' or 'end of string'"],
    ["!a=b", "found '=', expected: ',' or 'end of string'"],
    ["app in web", "unable to parse requirement: found 'web' expected: '('"],
    ["app in (a", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["a===", "unable to parse requirement: found '=', expected: identifier"],
    ["!", "unable to parse requirement: found '', expected: identifier"],
    ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    [
      "a/b/c=d",
      'unable to parse requirement: <nil>: Invalid value: "a/b/c": a valid label key must consist of',
    ],
    ["a in (x,b$)", 'unable to parse requirement: values[0][a]: Invalid value: "b$": a valid label must be'],
    [
      "rank>x",
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ])("%j is refused: %s", (text, why) => {
    expect(() => parseLabelSelector(text)).toThrow(why);
  });

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
