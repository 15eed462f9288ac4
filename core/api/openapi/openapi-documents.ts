import type { Kind } from "../kinds/kind.ts";
import { typeSchema } from "../schema/type-schema.ts";
import { type CustomDefinitions, customDefinitions, customRoots } from "./custom-definitions.ts";
import { type Operation, operationsOf } from "./operations.ts";
import { definitionsOf, type DefinitionOptions, type Descriptions } from "./type-definitions.ts";
import { openApiName, plainBasics } from "./type-names.ts";

export interface OpenApiOptions {
  /** From {@link loadDescriptions}; without them the documents are small and explain nothing. */
  readonly descriptions: Descriptions;
  /** `v1.36.2`. */
  readonly serverVersion: string;
}

const title = "Berth";

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
  const form: DefinitionOptions = { ...options, refPrefix: "#/components/schemas/", isV2: false };
  return {
    openapi: "3.0.0",
    info: { title, version: options.serverVersion },
    paths: pathsOf(members, false, customDefinitions(members, form)),
    components: { schemas: schemasOf(members, kinds, form) },
  };
}

/** OpenAPI 2.0 of everything, as `/openapi/v2` answers. */
export function openApiV2(kinds: readonly Kind[], options: OpenApiOptions): object {
  const form: DefinitionOptions = { ...options, refPrefix: "#/definitions/", isV2: true };
  return {
    swagger: "2.0",
    info: { title, version: options.serverVersion },
    paths: pathsOf(kinds, true, customDefinitions(kinds, form)),
    definitions: schemasOf(kinds, kinds, form),
  };
}

const patchTypes = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

/** kubectl reads here whether it may send a strategic patch; the fields of custom kinds have no strategies. */
function bodyTypesOf({ method, answer }: Operation, custom: CustomDefinitions): readonly string[] {
  if (method !== "patch") return ["application/json"];
  return custom.has(answer) ? patchTypes.filter((type) => !type.includes("strategic")) : patchTypes;
}

function schemasOf(members: readonly Kind[], kinds: readonly Kind[], form: DefinitionOptions): object {
  const custom = customDefinitions(members, form);
  const roots = [...rootTypes(members), ...(custom.size > 0 ? customRoots : [])];
  const own = [...custom.values()].map(({ name, schema }) => [name, schema]);
  return { ...definitionsOf(roots, kinds, form), ...(Object.fromEntries(own) as object) };
}

function rootTypes(kinds: readonly Kind[]): string[] {
  const spoken = kinds.flatMap((kind) => Object.values(operationsOf(kind)).flat());
  const named = spoken.flatMap(({ answer, body }) => [answer, body ?? answer]);
  return [...new Set(named)].filter((type) => typeSchema(type));
}

function pathsOf(kinds: readonly Kind[], isV2: boolean, custom: CustomDefinitions): object {
  const write = isV2 ? operationV2 : operationV3;
  const paths = kinds.flatMap((kind) => Object.entries(operationsOf(kind)));
  return Object.fromEntries(
    paths.map(([path, operations]) => [
      path,
      {
        ...Object.fromEntries(operations.map((operation) => [operation.method, write(operation, custom)])),
        ...someParameters(pathParameters(path, isV2)),
      },
    ]),
  );
}

/** 2.0 and 3.0 leave out a list of none. */
const someParameters = (parameters: readonly object[]): object =>
  parameters.length === 0 ? {} : { parameters };

function pathParameters(path: string, isV2: boolean): object[] {
  const names = ["name", "namespace"].filter((name) => path.includes(`{${name}}`));
  return names.map((name) => ({
    name,
    in: "path",
    required: true,
    ...(isV2 ? { type: "string" } : { schema: { type: "string" } }),
  }));
}

const extensions = ({ action, kind }: Operation): object => ({
  "x-kubernetes-action": action,
  "x-kubernetes-group-version-kind": kind,
});

function reference(type: string, prefix: string, custom: CustomDefinitions): object {
  const own = custom.get(type);
  if (own) return { $ref: prefix + own.name };
  return typeSchema(type) ? { $ref: prefix + openApiName(type) } : (plainBasics[type] ?? { type: "object" });
}

function operationV3(operation: Operation, custom: CustomDefinitions): object {
  const schema = (type: string): object => ({ schema: reference(type, "#/components/schemas/", custom) });
  const { body } = operation;
  const bodyTypes = bodyTypesOf(operation, custom);
  return {
    operationId: operation.id,
    ...someParameters(
      operation.parameters.map(({ name, type, description }) => ({
        name,
        in: "query",
        description,
        schema: { type },
      })),
    ),
    ...(body
      ? { requestBody: { content: Object.fromEntries(bodyTypes.map((type) => [type, schema(body)])) } }
      : {}),
    responses: { "200": { description: "OK", content: { "application/json": schema(operation.answer) } } },
    ...extensions(operation),
  };
}

function operationV2(operation: Operation, custom: CustomDefinitions): object {
  const { body } = operation;
  const query = operation.parameters.map(({ name, type, description }) => ({
    name,
    in: "query",
    description,
    type,
  }));
  const schema = body && reference(body, "#/definitions/", custom);
  return {
    operationId: operation.id,
    consumes: bodyTypesOf(operation, custom),
    produces: ["application/json"],
    ...someParameters([...query, ...(schema ? [{ name: "body", in: "body", schema }] : [])]),
    responses: {
      "200": { description: "OK", schema: reference(operation.answer, "#/definitions/", custom) },
    },
    ...extensions(operation),
  };
}
