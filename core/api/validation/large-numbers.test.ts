import { expect, it } from "vitest";
import { exactInteger } from "../json/raw-number.ts";
import { kinds } from "../kinds/kinds.ts";
import { elementType, typeSchema } from "../schema/type-schema.ts";
import { validateCreate } from "./validate.ts";

/** An object of a type in which one 64-bit integer is larger than a JavaScript number holds exactly. */
interface Large {
  readonly path: string;
  readonly object: object;
}

/** One for each field of a type and of the types in it; a type within itself is not entered again. */
function* largeNumbers(type: string, within: readonly string[] = []): Generator<Large> {
  if (within.includes(type)) return;
  for (const field of typeSchema(type)?.fields ?? []) {
    for (const { path, value } of valuesOf(field.type, [...within, type])) {
      yield { path: `${field.name}${path}`, object: { [field.name]: value } };
    }
  }
}

function* valuesOf(type: string, within: readonly string[]): Generator<{ path: string; value: unknown }> {
  const parts = elementType(type);
  if (type === "int64") yield { path: "", value: exactInteger("9007199254740993") };
  else if (!parts) {
    for (const { path, object } of largeNumbers(type, within)) yield { path: `.${path}`, value: object };
  } else {
    for (const { path, value } of valuesOf(parts.element, within)) {
      if (parts.of === "list") yield { path: `[0]${path}`, value: [value] };
      else yield { path: `[a]${path}`, value: { a: value } };
    }
  }
}

it("a number beyond 2^53 in any field of any kind is checked without a defect", () => {
  const broken: string[] = [];
  let tried = 0;
  for (const kind of kinds.all()) {
    for (const { path, object } of largeNumbers(kind.type)) {
      const metadata = { name: "a", ...(kind.namespaced ? { namespace: "d" } : {}) };
      tried++;
      try {
        validateCreate(kind, { metadata, ...object });
      } catch (error) {
        broken.push(`${kind.type} ${path}: ${String(error)}`);
      }
    }
  }
  expect(broken).toEqual([]);
  expect(tried).toBeGreaterThan(100);
});

it("a negative number beyond 2^53 is refused where a negative one is", () => {
  const revision = exactInteger("-9007199254740993");
  const object = { metadata: { name: "a", namespace: "d" }, data: {}, revision };
  const found = validateCreate(kinds.byKind("apps", "v1", "ControllerRevision")!, object);
  expect(found.map(({ field }) => field)).toEqual(["revision"]);
});
