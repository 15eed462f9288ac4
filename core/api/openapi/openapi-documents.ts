import type { Kind } from "../kinds/kind.ts";
import { typeSchema } from "../schema/type-schema.ts";
import { type CustomDefinitions, customDefinitions, customRoots } from "./custom-definitions.ts";
import { discoveryOperations, type Operation, operationsOf } from "./operations.ts";
import { serverOperations } from "./server-operations.ts";
import { sharedParametersV2, writePath } from "./write-operations.ts";
import { knownVersions } from "./known-versions.ts";
import { definitionsOf, type DefinitionOptions, type Descriptions } from "./type-definitions.ts";

export interface OpenApiOptions {
  /** From {@link loadDescriptions}; without them the documents are small and explain nothing. */
  readonly descriptions: Descriptions;
  /** `v1.36.2`. */
  readonly serverVersion: string;
}

const title = "Berth";

const bearerToken = {
  type: "apiKey",
  description: "Bearer token",
  name: "authorization",
  in: "header",
};

/** The doc comments of all types, about 800 kB: loaded only by who asks. */
export async function loadDescriptions(): Promise<Descriptions> {
  const { descriptionsText } = await import("../generated/descriptions.ts");
  return JSON.parse(descriptionsText) as Descriptions;
}

/** OpenAPI 3.0 of one group and version, as `/openapi/v3/apis/<group>/<version>` answers; undefined without kinds. */
export function openApiV3(
  kinds: readonly Kind[],
  group: string,
  version: string,
  options: OpenApiOptions,
): object | undefined {
  const members = kinds.filter((kind) => kind.group === group && kind.version === version);
  if (members.length === 0) return undefined;
  const own = { group, version };
  const servedAs = group === "" ? [own] : [{ group: "", version: "v1" }, own];
  const form: DefinitionOptions = { ...options, refPrefix: "#/components/schemas/", isV2: false, servedAs };
  return {
    openapi: "3.0.0",
    info: { title, version: options.serverVersion },
    paths: pathsOf(members, false, customDefinitions(members, form)),
    components: { schemas: schemasOf(members, kinds, form), securitySchemes: { BearerToken: bearerToken } },
  };
}

/** OpenAPI 3.0 of what a server tells at one of its own paths, as `/api`; undefined where it tells nothing. */
export function serverOpenApiV3(
  kinds: readonly Kind[],
  path: string,
  options: OpenApiOptions,
): object | undefined {
  const operation = serverOperations(kinds).get(path);
  if (!operation) return undefined;
  const form = { ...options, refPrefix: "#/components/schemas/", isV2: false, servedAs: [] };
  const schemas = definitionsOf(rootTypes([operation]), kinds, form);
  return {
    openapi: "3.0.0",
    info: { title, version: options.serverVersion },
    paths: { [`${path}/`]: writePath([operation], new Map(), false) },
    components: { schemas, securitySchemes: { BearerToken: bearerToken } },
  };
}

/** OpenAPI 2.0 of everything, as `/openapi/v2` answers. */
export function openApiV2(kinds: readonly Kind[], options: OpenApiOptions): object {
  const form: DefinitionOptions = {
    ...options,
    refPrefix: "#/definitions/",
    isV2: true,
    servedAs: knownVersions(kinds),
  };
  return {
    swagger: "2.0",
    info: { title, version: options.serverVersion },
    paths: { ...serverPathsV2(kinds), ...pathsOf(kinds, true, customDefinitions(kinds, form)) },
    definitions: schemasOf(kinds, kinds, form, [...serverOperations(kinds).values()]),
    parameters: sharedParametersV2(),
    securityDefinitions: { BearerToken: bearerToken },
    security: [{ BearerToken: [] }],
  };
}

function serverPathsV2(kinds: readonly Kind[]): object {
  const operations = [...serverOperations(kinds)];
  const paths = operations.map(([path, one]) => [`${path}/`, writePath([one], new Map(), true)]);
  return Object.fromEntries(paths) as object;
}

function schemasOf(
  members: readonly Kind[],
  kinds: readonly Kind[],
  form: DefinitionOptions,
  others: readonly Operation[] = [],
): object {
  const custom = customDefinitions(members, form);
  const spoken = [...others, ...[...shapesOf(members).values()].flat()];
  const roots = [...rootTypes(spoken), ...(custom.size > 0 ? customRoots : [])];
  const own = [...custom.values()].map(({ name, schema }) => [name, schema]);
  return { ...definitionsOf(roots, kinds, form), ...(Object.fromEntries(own) as object) };
}

function rootTypes(spoken: readonly Operation[]): string[] {
  const named = spoken.flatMap(({ answer, body }) => [answer, body ?? answer]);
  return [...new Set(named)].filter((type) => typeSchema(type) || type === "patch");
}

/** Operations by path. */
function shapesOf(kinds: readonly Kind[]): ReadonlyMap<string, readonly Operation[]> {
  const shapes = kinds.flatMap((kind) => [discoveryOperations(kind), operationsOf(kind)]);
  return new Map(shapes.flatMap((shape) => Object.entries(shape)));
}

function pathsOf(kinds: readonly Kind[], isV2: boolean, custom: CustomDefinitions): object {
  const paths = [...shapesOf(kinds)].map(([path, operations]) => [path, writePath(operations, custom, isV2)]);
  return Object.fromEntries(paths) as object;
}
