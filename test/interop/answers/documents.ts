import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sender } from "./sender.ts";

type Members = Record<string, unknown>;

/** Parts of the documents that describe an API, by what they describe: `v2 definition io.k8s.api.core.v1.Pod`. */
export type Documents = ReadonlyMap<string, unknown>;

const record = join(import.meta.dirname, "recorded", "documents.tsv");
const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** Discovery and OpenAPI as a server tells them, without what is its own: words, addresses, and our kinds. */
export async function readDocuments(sender: Sender): Promise<Documents> {
  const found = new Map<string, unknown>();
  const get = async (path: string, accept = "application/json"): Promise<Members> => {
    const { body } = await sender.send({ path, headers: { accept } });
    return (typeof body === "string" ? JSON.parse(body) : body) as Members;
  };
  await addDiscovery(get, found);
  for (const path of ["/api", "/apis"]) {
    const items = membersAt(await get(path, aggregated), "items");
    const names = items.map(({ metadata }) => (metadata as { name?: string }).name ?? "");
    found.set(
      `aggregated ${path}`,
      names.filter((name) => name !== "berth.dev"),
    );
    for (const [at, item] of items.entries()) found.set(`aggregated ${path} ${names[at]}`, item);
  }
  const v2 = await get("/openapi/v2");
  addParts("v2", v2["definitions"] as Members, v2, found);
  const { paths } = await get("/openapi/v3");
  for (const path of Object.keys(paths as Members).toSorted()) {
    const document = await get(`/openapi/v3/${path}`);
    const { schemas } = (document["components"] ?? {}) as { schemas?: Members };
    addParts(`v3 ${path}`, schemas ?? {}, document, found);
  }
  const isOurs = (name: string): boolean => name.includes("berth");
  return new Map([...found].filter(([name]) => !isOurs(name)).map(([name, part]) => [name, canonical(part)]));
}

async function addDiscovery(
  get: (path: string) => Promise<Members>,
  found: Map<string, unknown>,
): Promise<void> {
  found.set("discovery /api", await get("/api"));
  const { groups } = (await get("/apis")) as { groups: { name: string; versions: Members[] }[] };
  const others = groups.filter(({ name }) => name !== "berth.dev");
  found.set("discovery /apis", others);
  const versions = others.flatMap((group) =>
    group.versions.map((one) => `/apis/${String(one["groupVersion"])}`),
  );
  for (const { name } of others) found.set(`discovery /apis/${name}`, await get(`/apis/${name}`));
  for (const path of ["/api/v1", ...versions]) {
    const { resources, ...rest } = await get(path);
    found.set(`discovery ${path}`, rest);
    for (const resource of resources as Members[])
      found.set(`discovery ${path} ${String(resource["name"])}`, resource);
  }
}

function addParts(at: string, definitions: Members, document: Members, found: Map<string, unknown>): void {
  // A document of each version repeats what all have in common.
  const version = at.slice(0, 2);
  for (const [name, definition] of Object.entries(definitions)) {
    const told = found.get(`${version} definition ${name}`);
    const isOther = told !== undefined && JSON.stringify(told) !== JSON.stringify(definition);
    found.set(`${isOther ? at : version} definition ${name}`, definition);
  }
  for (const [path, item] of Object.entries(document["paths"] as Record<string, Members>)) {
    const { parameters: shared = [], ...operations } = item;
    const referred = (document["parameters"] ?? {}) as Members;
    for (const [method, operation] of Object.entries(operations)) {
      const { parameters: own = [], ...rest } = operation as Members;
      // What all operations of a path take may stand at the path, and parameters elsewhere.
      const parameters = [...(shared as Members[]), ...(own as Members[])].map((one) =>
        typeof one["$ref"] === "string" ? referred[one["$ref"].slice("#/parameters/".length)] : one,
      );
      found.set(`${version} ${method} ${path}`, { ...rest, parameters });
    }
  }
}

/** Lists whose order says nothing. */
const sets = ["parameters", "required", "consumes", "produces", "shortNames", "categories", "verbs"];
const kindsName = "x-kubernetes-group-version-kind";

function canonical(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(item));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value)
    .filter(([name, member]) => isNames || !isWording(name, member))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => {
      const inside = canonical(member, name === "properties" && !isNames);
      const isSet = !isNames && Array.isArray(inside) && (sets.includes(name) || name === kindsName);
      return [name, isSet ? sorted(inside.filter((one) => !isOurKind(one))) : inside];
    });
  // A description may stand beside a reference only where the reference is wrapped.
  const [[first, only] = [], ...others] = members as [string, unknown][];
  if (first === "allOf" && others.length === 0 && Array.isArray(only) && only.length === 1) return only[0];
  return Object.fromEntries(members) as unknown;
}

const isOurKind = (one: unknown): boolean => (one as { group?: unknown }).group === "berth.dev";

const isWording = (name: string, member: unknown): boolean =>
  (name === "description" && typeof member === "string") || name === "serverAddressByClientCIDRs";

function sorted(list: readonly unknown[]): unknown[] {
  return list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

const membersAt = (document: Members, name: string): Members[] => document[name] as Members[];

/** One hash for each part. */
export function hashesOf(documents: Documents): ReadonlyMap<string, string> {
  return new Map([...documents].map(([name, part]) => [name, hashOf(part)]));
}

function hashOf(part: unknown): string {
  return createHash("sha256").update(JSON.stringify(part)).digest("base64url").slice(0, 8);
}

/** What the real server was recorded to tell. */
export function readDocumentRecord(): ReadonlyMap<string, string> {
  const lines = readFileSync(record, "utf8").split("\n").filter(Boolean);
  return new Map(lines.map((line) => line.split("\t") as [string, string]));
}

export function writeDocumentRecord(hashes: ReadonlyMap<string, string>): void {
  const lines = [...hashes].map((pair) => pair.join("\t")).toSorted();
  writeFileSync(record, `${lines.join("\n")}\n`);
}

/** Names of parts that only one of both tells, or that are told otherwise. */
export function differentParts(
  real: ReadonlyMap<string, string>,
  ours: ReadonlyMap<string, string>,
): string[] {
  const names = new Set([...real.keys(), ...ours.keys()]);
  return [...names].filter((name) => real.get(name) !== ours.get(name)).toSorted();
}
