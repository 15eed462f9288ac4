import { expect, it } from "vitest";
import { breakingChanges, shapeOf } from "./shape.ts";

const before = shapeOf({
  nested: {
    a: {
      nested: {
        Colour: { values: { RED: 0 } },
        M: {
          fields: { colour: { type: "Colour", id: 1 }, inner: { type: "N", id: 2, rule: "repeated" } },
          nested: { N: { fields: {} } },
        },
        S: { methods: { Do: { requestType: "M", responseType: "M.N", responseStream: true } } },
      },
    },
  },
});

it("names types in full, the innermost scope first", () => {
  expect(before.messages["a.M"]).toEqual({
    colour: { number: 1, type: "a.Colour", repeated: false },
    inner: { number: 2, type: "a.M.N", repeated: true },
  });
  expect(before.services["a.S"]).toEqual({
    Do: { request: "a.M", response: "a.M.N", streaming: "response" },
  });
});

it("takes additions and refuses what an old peer would trip over", () => {
  const added = structuredClone(before);
  added.messages["a.M"]!["more"] = { number: 3, type: "string", repeated: false };
  expect(breakingChanges(before, added)).toEqual([]);
  const changed = structuredClone(before);
  changed.messages["a.M"]!["colour"]!.number = 9;
  delete changed.enums["a.Colour"]!["RED"];
  expect(breakingChanges(before, changed)).toEqual([
    'a.M.colour was {"number":1,"type":"a.Colour","repeated":false} and is {"number":9,"type":"a.Colour","repeated":false}',
    "a.Colour.RED is gone",
  ]);
});
