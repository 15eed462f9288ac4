import type { Exchange } from "../exchange.ts";
import { definition, definitionsPath, withSpec, anything } from "./definition.ts";

export const group = "checked.example.com";
export const string = { type: "string" };
export const integer = { type: "integer" };
export const dryRun = (body: unknown): Exchange => ({ path: `${definitionsPath}?dryRun=All`, body });

export type More = Parameters<typeof definition>[2];
export const defined = (more: More, schema: object | undefined = anything): Exchange =>
  dryRun(definition(group, schema, more));
/** Schemas of a definition, each of an object whose spec has one member. */
export const members = (...schemas: object[]): Exchange[] =>
  schemas.map((schema) => dryRun(definition(group, withSpec({ a: schema }))));
export const roots = (...schemas: object[]): Exchange[] =>
  schemas.map((schema) => dryRun(definition(group, schema)));
export const rules = (schema: object, ...list: object[]): Exchange[] =>
  list.map((one) =>
    dryRun(definition(group, withSpec({ a: { ...schema, "x-kubernetes-validations": [one] } }))),
  );
export const version = (name: string, more: object = {}): object => ({
  name,
  served: true,
  storage: false,
  schema: { openAPIV3Schema: anything },
  ...more,
});
export const versions = (...list: object[]): Exchange => defined({ spec: { versions: list } });
export const storage = { storage: true };
export const selectable = (...jsonPaths: string[]): Exchange =>
  defined(
    { version: { selectableFields: jsonPaths.map((jsonPath) => ({ jsonPath })) } },
    withSpec({
      text: string,
      number: integer,
      float: { type: "number" },
      flag: { type: "boolean" },
      list: { type: "array", items: string },
      map: { type: "object", additionalProperties: string },
      object: { type: "object", properties: { inner: string } },
      either: { "x-kubernetes-int-or-string": true },
    }),
  );
export const columns = (...additionalPrinterColumns: object[]): Exchange =>
  defined({ version: { additionalPrinterColumns } });
export const scale = (paths: object): Exchange => defined({ version: { subresources: { scale: paths } } });
export const conversion = (one: object): Exchange => defined({ spec: { conversion: one } });
