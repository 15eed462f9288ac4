import { readLines, splitOnce } from "./schema-tables.ts";

/** What the columns that nearly every kind has show: the tables leave it out. */
const commonFields: Readonly<Record<string, string>> = {
  Name: "meta.v1.ObjectMeta.name",
  Age: "meta.v1.ObjectMeta.creationTimestamp",
  "Created At": "meta.v1.ObjectMeta.creationTimestamp",
};

/** Columns of kinds that have none of their own. */
const plainColumns = [readColumn("Name\tstring\tname\t0"), readColumn("Created At\tdate\t\t0")];

interface KindWithColumns {
  readonly columns: readonly object[];
}

/** Rows of the kinds table; the shape that runs is `KindRow` in core/api/kinds/kind.ts. */
export async function readKinds(types: ReadonlySet<string>): Promise<KindWithColumns[]> {
  const columns = await readColumns();
  const kinds: (KindWithColumns & Record<string, unknown>)[] = [];
  for (const line of await readLines("resources.tsv", "berth-resources.tsv")) {
    const cells = line.split("\t");
    if (cells[0] === "") {
      const [, name, speaks, verbs] = cells as [string, string, string, string];
      (kinds.at(-1)!["subresources"] as unknown[]).push({
        name,
        ...readKindName(speaks),
        verbs: verbs.split(","),
      });
      continue;
    }
    const [tableGroup, version, resource, kind, singular, verbs, flagText = ""] = cells;
    const group = tableGroup === "core" ? "" : tableGroup!;
    const flags = new Map<string, string | undefined>(
      flagText.split(" ").map((flag) => splitOnce(flag, "=")),
    );
    kinds.push({
      group,
      version,
      kind,
      resource,
      singular,
      shortNames: flags.get("short")?.split(",") ?? [],
      categories: flags.get("categories")?.split(",") ?? [],
      namespaced: flags.has("namespaced"),
      verbs: verbs!.split(","),
      servedByDefault: !flags.has("off"),
      storageVersion: flags.get("storage"),
      storageVersionHash: flags.get("hash"),
      type: typeOf(types, group, version!, kind!),
      subresources: [],
      columns: columns.get(`${tableGroup}/${resource}`) ?? plainColumns,
    });
  }
  return kinds;
}

/** Table type of a kind: `apps` + `v1` + `Deployment` is `apps.v1.Deployment`, `rbac.authorization.k8s.io` is `rbac.…`. */
function typeOf(types: ReadonlySet<string>, group: string, version: string, kind: string): string {
  const first = group === "" ? "core" : group.split(".")[0]!;
  const name = `${first === "internal" ? "apiserverinternal" : first}.${version}.${kind}`;
  if (!types.has(name))
    throw new Error(`kind ${kind} of ${group}/${version} has no type ${name} in core/api/data`);
  return name;
}

function readKindName(text: string): { group: string; version: string; kind: string } {
  const parts = text.split("/");
  return { group: parts.length > 2 ? parts[0]! : "", version: parts.at(-2)!, kind: parts.at(-1)! };
}

async function readColumns(): Promise<Map<string, object[]>> {
  const columns = new Map<string, object[]>();
  for (const line of await readLines("columns.tsv", "berth-columns.tsv")) {
    if (line.startsWith("@")) {
      columns.set(line.slice(1), []);
      continue;
    }
    [...columns.values()].at(-1)!.push(readColumn(line));
  }
  return columns;
}

function readColumn(line: string): object {
  const [name = "", type, format = "", priority, told = commonFields[name] ?? ""] = line.split("\t");
  const isField = /^\w+\.\w+\.\w+\.\w+$/.test(told);
  return {
    ...{ name, type, format, priority: Number(priority ?? 0) },
    ...(told !== "" && (isField ? { documentedBy: told } : { description: told })),
  };
}
