import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { membersOf } from "../../core/api/apply/field-shapes.ts";
import { typeSchema, typeSchemaNames } from "../../core/api/schema/type-schema.ts";
import { openApiName } from "../../core/api/openapi/type-names.ts";
import { kinds } from "../../core/api/kinds/kinds.ts";

const facts = process.env["BERTH_FACTS"] ?? join(import.meta.dirname, "../../../shared/facts");
const isThere = existsSync(join(facts, "schema.tsv"));
const why = isThere ? "" : ` (skipped: there is no folder ${facts}; BERTH_FACTS names it)`;

type Row = Record<string, string>;

function rows(file: string): Row[] {
  const [head, ...lines] = readFileSync(join(facts, file), "utf8").trimEnd().split("\n");
  const names = head!.split("\t");
  return lines.map((line) =>
    Object.fromEntries(line.split("\t").map((cell, index) => [names[index]!, cell])),
  );
}

const list = (cell: string | undefined): string[] => (cell ? cell.split(",") : []);

describe.skipIf(!isThere)(`the API's tables agree with the facts${why}:`, () => {
  const ownTypes = new Map(typeSchemaNames().map((name) => [openApiName(name), name]));

  test("every published field of every type, its obligation, list keys, patch keys, enum and default", () => {
    const wrong = rows("schema.tsv").flatMap((row) => {
      const type = ownTypes.get(row["type"]!);
      if (row["field"] === "." || (!type && row["published"] !== "y")) return [];
      const field = type && typeSchema(type)!.fields.find(({ name }) => name === row["field"]);
      if (!field)
        return specialTypes.has(row["type"]!.split(".").at(-1)!)
          ? []
          : [`${row["type"]}.${row["field"]} is missing`];
      const told = {
        required: field.required === true,
        keys: field.keys ?? [],
        patch: field.patch ?? "",
        mergeKey: field.mergeKey ?? "",
        enum: field.enum?.join("|") ?? "",
        default: field.default === undefined ? "" : JSON.stringify(field.default),
        list: field.list ?? "",
      };
      const known = {
        required: row["required"] === "y",
        keys: list(row["listMapKeys"]),
        patch: row["patchStrategy"]!,
        mergeKey: row["patchMergeKey"]!,
        enum: row["enum"]!,
        default: row["default"]!,
        list: row["jsonType"] === "array" ? row["listType"]! : "",
      };
      const same = JSON.stringify(told) === JSON.stringify(known);
      return same
        ? []
        : [`${type}.${field.name}: ${JSON.stringify(told)}, the facts say ${JSON.stringify(known)}`];
    });
    expect(wrong).toEqual([]);
  });

  test("every resource: names, scope, verbs, subresources", () => {
    const wrong = rows("resources.tsv").flatMap((row) => {
      const { group, version, resource, subresource } = row as Record<
        "group" | "version" | "resource" | "subresource",
        string
      >;
      const kind = kinds.byResource(group, version, resource);
      const name = `${group}/${version}/${resource}/${subresource}`;
      if (!kind) return [`${name} is missing`];
      if (subresource) {
        const own = kind.subresources.find((one) => one.name === subresource);
        const same = own !== undefined && own.kind === row["kind"] && own.verbs.join(",") === row["verbs"];
        return same ? [] : [`${name}: ${JSON.stringify(own)}`];
      }
      const told = [
        kind.kind,
        kind.singular,
        kind.shortNames.join(","),
        kind.categories.join(","),
        kind.namespaced ? "y" : "n",
        kind.verbs.join(","),
      ];
      const known = ["kind", "singular", "shortNames", "categories", "namespaced", "verbs"].map(
        (column) => row[column],
      );
      return JSON.stringify(told) === JSON.stringify(known)
        ? []
        : [`${name}: ${told.join(" ")}, the facts say ${known.join(" ")}`];
    });
    expect(wrong).toEqual([]);
  });

  // Upstream has columns for it, and a server that prints it without them.
  const unprinted = "csistoragecapacities";
  test("every printer column, in order, with its priority", () => {
    const byResource = Map.groupBy(rows("columns.tsv"), (row) => `${row["group"]}/${row["resource"]}`);
    const wrong = kinds.all().flatMap((kind) => {
      const known = byResource.get(`${kind.group}/${kind.resource}`);
      if (!known || kind.resource === unprinted) return [];
      const told = kind.columns.map(({ name, type, priority }) => [name, type, String(priority)]);
      const same =
        JSON.stringify(told) ===
        JSON.stringify(known.map((row) => [row["name"], row["type"], row["priority"]]));
      return same ? [] : [`${kind.group}/${kind.resource}: ${JSON.stringify(told)}`];
    });
    expect(wrong).toEqual([]);
  });

  test("what writers share item by item, and what one of them owns as a whole", () => {
    const wrong = rows("schema.tsv").flatMap((row) => {
      const type = ownTypes.get(row["type"]!);
      const known = row["ssa"]!;
      if (!type || row["field"] === "." || known === "" || row["field"] === "fieldsV1") return [];
      const empty = typeSchema(type)!.fields.find(({ name }) => name === row["field"])!.type;
      if (typeSchema(empty)?.fields.length === 0) return [];
      const { shape } = membersOf(type, typeSchema).of(row["field"]!);
      const told =
        shape.kind === "keyed"
          ? `associative[${shape.keys.map(({ name }) => name).join(",")}]`
          : { whole: "atomic", set: "associative", map: "separable", object: "separable" }[shape.kind];
      const sorted = known.replace(
        /\[(.+)\]/,
        (_, keys: string) => `[${keys.split(",").toSorted().join(",")}]`,
      );
      const expected = known === "scalar" || known === "untyped-atomic" ? "atomic" : sorted;
      return told === expected ? [] : [`${type}.${row["field"]}: ${told}, the facts say ${known}`];
    });
    expect(wrong).toEqual([]);
  });

  test("every protobuf field number", () => {
    const folder = join(facts, "contracts/k8s-proto");
    const wrong = readdirSync(folder).flatMap((file) => {
      const { package: name, messages } = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
        package: string;
        messages: Record<string, Record<string, { number: number; json?: string; inline?: boolean }>>;
      };
      return Object.entries(messages).flatMap(([message, fields]) => {
        const type = ownTypes.get(`${name.replace("k8s.io.", "io.k8s.").replaceAll("_", "-")}.${message}`);
        if (!type) return [];
        const schema = typeSchema(type)!;
        return Object.entries(fields).flatMap(([proto, { number, json = proto, inline }]) => {
          const told = inline
            ? schema.inline?.find((one) => one.number === number)?.number
            : schema.fields.find((field) => field.name === json)?.number;
          return told === number ? [] : [`${type}.${json}: ${told}, the facts say ${number}`];
        });
      });
    });
    expect(wrong.filter((line) => !line.includes("typeMeta"))).toEqual([]);
  });
});

/** Types that are one value in JSON, not an object with fields. */
const specialTypes = new Set([
  "Quantity",
  "Time",
  "MicroTime",
  "IntOrString",
  "RawExtension",
  "JSON",
  "Patch",
  "FieldsV1",
]);
