import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  breakingChanges,
  type ContractName,
  type ContractShape,
  describeContract,
  shapeOf,
} from "@berth/proto";

const root = join(import.meta.dirname, "../..");
const facts = process.env["BERTH_FACTS"] ?? join(root, "../shared/facts");
const haveFacts = existsSync(join(facts, "contracts"));
if (!haveFacts) {
  console.warn(
    `SKIPPED: no facts at ${facts}; set BERTH_FACTS to compare the contracts with their public definitions`,
  );
}

interface FactFile {
  package: string;
  services: Record<string, Record<string, { request: string; response: string; streaming: string }>>;
  messages: Record<string, Record<string, FactField>>;
  enums: Record<string, Record<string, number>>;
}

interface FactField {
  number: number;
  type: string;
  repeated?: boolean;
  map?: { key: string; value: string };
}

const streaming = { none: "none", server: "response", client: "request", bidi: "both" } as const;

/** A fact file in the form of our own descriptors, so that one comparison serves both ways. */
function factShape(path: string): ContractShape {
  const file = JSON.parse(readFileSync(join(facts, "contracts", path), "utf8")) as FactFile;
  const known = new Set([...Object.keys(file.messages), ...Object.keys(file.enums)]);
  const full = (name: string, scope = ""): string => {
    for (let at = scope; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
      if (known.has(`${at}.${name}`)) return `${file.package}.${at}.${name}`;
    }
    return known.has(name) ? `${file.package}.${name}` : name;
  };
  const field = (scope: string, { number, type, repeated, map }: FactField) => ({
    number,
    type: map ? `map<${map.key}, ${full(map.value, scope)}>` : full(type, scope),
    repeated: repeated ?? false,
  });
  return {
    services: mapKeys(file.services, file.package, (methods) =>
      mapValues(methods, (method) => ({
        request: full(method.request),
        response: full(method.response),
        streaming: streaming[method.streaming as keyof typeof streaming],
      })),
    ),
    messages: mapKeys(file.messages, file.package, (fields, name) =>
      mapValues(fields, (value) => field(name, value)),
    ),
    enums: mapKeys(file.enums, file.package, (values) => values),
  };
}

function mapKeys<From, To>(
  record: Record<string, From>,
  packageName: string,
  value: (from: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(record).map(([name, from]) => [`${packageName}.${name}`, value(from, name)]),
  );
}

function mapValues<From, To>(record: Record<string, From>, value: (from: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, from]) => [name, value(from)]));
}

const complete: [ContractName, string][] = [
  ["cri", "cri-v1.json"],
  ["csi", "csi-v1.json"],
  ["deviceplugin", "deviceplugin-v1beta1.json"],
  ["pluginregistration", "pluginregistration-v1.json"],
  ["podresources", "podresources-v1.json"],
];

describe.skipIf(!haveFacts)("the public definition", () => {
  it.each(complete)("of %s is ours, message by message, both ways", (contract, file) => {
    const ours = shapeOf(describeContract(contract), ["google.", "berth."]);
    const theirs = factShape(file);
    expect(breakingChanges(theirs, ours)).toEqual([]);
    expect(breakingChanges(ours, theirs)).toEqual([]);
  });

  it("of containerd holds for every service and message that we use", () => {
    const ours = shapeOf(describeContract("containerd"), ["google.", "berth."]);
    const theirs: ContractShape = { services: {}, messages: {}, enums: {} };
    for (const file of globSync("containerd/*.json", { cwd: join(facts, "contracts") })) {
      const shape = factShape(file);
      for (const kind of ["services", "messages", "enums"] as const) Object.assign(theirs[kind], shape[kind]);
    }
    const foreign = breakingChanges(ours, theirs).filter((line) => !line.includes("google.rpc."));
    expect(foreign).toEqual([]);
  });
});

describe("a released contract", () => {
  const folder = join(root, "proto/frozen");
  it.each(readdirSync(folder))(
    "%s still holds: nothing went, no number, type or direction changed",
    (file) => {
      const frozen = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, ContractShape>;
      const changes = Object.entries(frozen).flatMap(([name, shape]) =>
        breakingChanges(shape, shapeOf(describeContract(name as ContractName))),
      );
      expect(changes).toEqual([]);
    },
  );
});
