import type { JsonObject } from "../json/json-value.ts";
import type { Kind } from "../kinds/kind.ts";
import { elementType, typeSchema, typeSchemaNames } from "../schema/type-schema.ts";
import { fillDefaults } from "../customresources/structure-custom.ts";
import { coreDefaults } from "./core-defaults.ts";
import { absent, type Defaulter, type Defaulters } from "./defaulter.ts";
import { otherDefaults } from "./other-defaults.ts";
import { podDefaults } from "./pod-defaults.ts";
import { workloadDefaults } from "./workload-defaults.ts";

const own: Defaulters = { ...podDefaults, ...coreDefaults, ...workloadDefaults, ...otherDefaults };

/**
 * Fills what an object of a kind leaves out, in place, everywhere in it. `status` is left as it is.
 * @param isApplied nulls in a custom resource stay what its writer says
 */
export function applyDefaults(kind: Kind, object: object, isApplied = false): void {
  if (kind.custom) {
    fillDefaults(kind.custom.schema, object, true, isApplied);
    return;
  }
  if (withSpec.has(kind.type)) (object as JsonObject)["spec"] ??= {};
  fillers.get(kind.type)?.(object as JsonObject);
}

/** An absent spec is an empty one: what it must hold is then asked for by name. */
const withSpec: ReadonlySet<string> = new Set(
  typeSchemaNames().filter((name) => {
    const members = new Set(typeSchema(name)!.fields.map((field) => field.name));
    return members.has("spec") && members.has("metadata");
  }),
);

interface Descent {
  readonly name: string;
  readonly of: "value" | "list" | "map";
  readonly type: string;
}

/** Types that have defaults, or have a member below which there are some. */
const reached = typesToFill();
const fillers: ReadonlyMap<string, Defaulter> = new Map([...reached].map((name) => [name, fillerOf(name)]));

function fillerOf(name: string): Defaulter {
  const steps = [zeroes(name), schemaDefaults(name), own[name]].filter((step) => step !== undefined);
  const descents = descentsOf(name).filter(({ type }) => reached.has(type));
  return (object) => {
    for (const step of steps) step(object);
    for (const { name: member, of, type } of descents) {
      const value = object[member];
      if (value === undefined || value === null) continue;
      const fill = fillers.get(type)!;
      if (of === "value") fill(value as JsonObject);
      else for (const item of Object.values(value as JsonObject[])) fill(item);
    }
  };
}

/** What upstream cannot leave out, because its types hold it as a value and not behind a pointer. */
function zeroes(name: string): Defaulter | undefined {
  const told = typeSchema(name)!.fields.flatMap(
    ({ name: member, type, pointer }): [string, () => unknown][] => {
      if (pointer || member === "status" || name.startsWith("apiextensions.")) return [];
      if (type === "quantity") return [[member, () => "0"]];
      return typeSchema(type) ? [[member, () => ({})]] : [];
    },
  );
  if (told.length === 0) return undefined;
  return (object) => {
    for (const [member, zero] of told) object[member] ??= zero();
  };
}

/** Defaults the schema itself tells; empty ones say nothing. */
function schemaDefaults(name: string): Defaulter | undefined {
  const told = typeSchema(name)!.fields.filter(
    ({ default: value, pointer, always }) =>
      value !== undefined && value !== "" && (pointer || always || (value !== 0 && value !== false)),
  );
  if (told.length === 0) return undefined;
  return absent(Object.fromEntries(told.map((field) => [field.name, field.default])));
}

function descentsOf(name: string): Descent[] {
  return typeSchema(name)!
    .fields.filter((field) => field.name !== "status")
    .map((field) => {
      const element = elementType(field.type);
      return { name: field.name, of: element?.of ?? "value", type: element?.element ?? field.type };
    });
}

function typesToFill(): ReadonlySet<string> {
  const names = typeSchemaNames();
  const found = new Set(names.filter((name) => own[name] ?? schemaDefaults(name) ?? zeroes(name)));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const name of names) if (descentsOf(name).some(({ type }) => found.has(type))) found.add(name);
  }
  return found;
}
