import { isJsonObject, type JsonObject } from "../../api/index.ts";
import type { BackwardWriter } from "./backward-writer.ts";

/** Writes a value as the field of that number; one that the field cannot hold, or that says nothing, is left out. */
export type Form = (to: BackwardWriter, number: number, value: unknown) => void;
export type Fields = Readonly<Record<string, readonly [number: number, form: Form]>>;

export const text: Form = (to, number, value) => {
  if (typeof value === "string" && value !== "") to.text(number, value);
};

export const flag: Form = (to, number, value) => {
  if (value === true) to.integer(number, 1);
};

export const count: Form = (to, number, value) => {
  if (Number.isSafeInteger(value) && (value as number) > 0) to.integer(number, value as number);
};

/** Of a whole number beyond 2^53 the nearest one. */
export const double: Form = (to, number, value) => {
  const nearest = Number(value);
  if (nearest !== 0 && !Number.isNaN(nearest)) to.double(number, nearest);
};

/** As a list, of which what stands alone is the only one. */
export const each =
  (form: Form): Form =>
  (to, number, value) => {
    for (const one of Array.isArray(value) ? value.toReversed() : [value]) form(to, number, one);
  };

/** Within a message of which it is the only field. */
export const within =
  (field: number, form: Form): Form =>
  (to, number, value) =>
    to.nested(number, () => form(to, field, value));

/** Anything, as a text of YAML, which JSON is. */
export const anything: Form = (to, number, value) =>
  to.nested(number, () => to.text(2, JSON.stringify(value)));

/** Where members go that are no fields: each with its name, as the field of that number. */
export interface Others {
  /** Of those whose names begin with `x-`; they may say anything. */
  readonly extensions?: number;
  readonly members?: readonly [number: number, form: Form];
}

/** An object, of whose members the fields are written as such. */
export function message(fields: Fields, others: Others = {}): Form {
  const write = messageBody(fields, others);
  return (to, number, value) => {
    if (isJsonObject(value)) to.nested(number, () => write(to, value));
  };
}

export function messageBody(
  fields: Fields,
  { extensions, members }: Others,
): (to: BackwardWriter, value: JsonObject) => void {
  const known = new Map(Object.entries(fields));
  const extension = extensions === undefined ? undefined : ([extensions, anything] as const);
  return (to, value) => {
    for (const name of Object.keys(value).toReversed()) {
      const field = known.get(name);
      if (field) {
        field[1](to, field[0], value[name]);
        continue;
      }
      const other = extension && name.startsWith("x-") ? extension : members;
      if (!other) continue;
      to.nested(other[0], () => {
        other[1](to, 2, value[name]);
        to.text(1, name);
      });
    }
  };
}

/** An object whose members are all of the same form, whatever they are called. */
export const map = (form: Form): Form => message({}, { members: [1, form] });

/** What a value says decides what it is. */
export const either =
  (choose: (value: JsonObject) => Form): Form =>
  (to, number, value) => {
    if (isJsonObject(value)) choose(value)(to, number, value);
  };
