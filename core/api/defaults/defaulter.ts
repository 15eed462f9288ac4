import type { JsonObject } from "../json/json-value.ts";

/** Fills what is absent in one value of a type, in place; values inside it are filled after it. */
export type Defaulter<T = JsonObject> = (value: T) => void;

export type Defaulters = Readonly<Record<string, Defaulter>>;

/** A defaulter of one type, seen as one of any: it only ever meets values of its type. */
export function defaulter<T>(fill: Defaulter<T>): Defaulter {
  return fill as unknown as Defaulter;
}

/** A defaulter that sets members which are absent; values that are objects are made anew each time. */
export function absent<T>(values: Partial<T>): Defaulter {
  const entries = Object.entries(values);
  return (target) => {
    for (const [name, value] of entries) {
      if (target[name] === undefined || target[name] === null)
        target[name] = typeof value === "object" ? structuredClone(value) : value;
    }
  };
}
