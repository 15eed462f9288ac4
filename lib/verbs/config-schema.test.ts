import { describe, expect, it } from "vitest";
import { checkConfig, ConfigError, type ConfigSchema } from "./config-schema.ts";

const schema: ConfigSchema = {
  type: "object",
  additionalProperties: false,
  required: ["name"],
  properties: {
    name: { type: "string", minLength: 1 },
    mode: { type: "string", enum: ["fast", "safe"], default: "safe" },
    count: { type: "integer", minimum: 1, maximum: 8, default: 4 },
    ranges: {
      type: "array",
      maxItems: 2,
      items: { type: "object", additionalProperties: false, properties: { subnet: { type: "string" } } },
    },
  },
};

function problems(config: unknown): readonly string[] {
  try {
    checkConfig(schema, config);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe("a configuration", () => {
  it("gets the defaults of the schema, and cannot be changed afterwards", () => {
    const config = checkConfig(schema, { name: "a" });
    expect(config).toEqual({ name: "a", mode: "safe", count: 4 });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("with several mistakes is told all of them at once, each by its key", () => {
    expect(problems({ nam: "a", mode: "fst", count: 9, ranges: [{ subnett: "x" }] })).toEqual([
      "unknown key nam; did you mean name?",
      'mode: "fst" is none of fast, safe; did you mean fast?',
      "count: 9 is more than 8",
      "unknown key ranges[0].subnett; did you mean subnet?",
      "name: missing",
    ]);
  });

  it("of the wrong type is told what was expected and what came", () => {
    expect(problems({ name: 5, count: 1.5 })).toEqual([
      "name: expected string, got 5",
      "count: expected integer, got 1.5",
    ]);
    expect(problems([])).toEqual(["config: expected object, got an array"]);
  });
});
