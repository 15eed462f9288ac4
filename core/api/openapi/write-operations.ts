import { typeSchema } from "../schema/type-schema.ts";
import type { CustomDefinitions } from "./custom-definitions.ts";
import type { Operation } from "./operations.ts";
import { type Parameter, sharedParameters } from "./parameters.ts";
import { namedBasics, openApiName, plainBasics } from "./type-names.ts";

/** A path with its operations, and with the parameters that all of these take. */
export function writePath(
  operations: readonly Operation[],
  custom: CustomDefinitions,
  isV2: boolean,
): object {
  const [first, ...others] = operations;
  const shared = (first?.parameters ?? []).filter((one) =>
    others.every(({ parameters }) =>
      parameters.some(({ name, in: place }) => name === one.name && place === one.in),
    ),
  );
  const isOwn = (one: Parameter): boolean =>
    !shared.some(({ name, in: place }) => name === one.name && place === one.in);
  const parameter = isV2 ? parameterV2 : parameterV3;
  const written = operations.map((operation) => {
    const parameters = operation.parameters.filter(isOwn).map(parameter);
    const write = isV2 ? operationV2 : operationV3;
    return [operation.method, write(operation, parameters, custom)];
  });
  return { ...(Object.fromEntries(written) as object), ...someParameters(shared.map(parameter)) };
}

/** 2.0 and 3.0 leave out a list of none. */
const someParameters = (parameters: readonly object[]): object =>
  parameters.length === 0 ? {} : { parameters };

/** What operations of 2.0 refer to. */
export function sharedParametersV2(): object {
  return Object.fromEntries(
    [...sharedParameters].map(([name, { type, description }]) => [
      name,
      { name, in: "query", description, type, uniqueItems: true },
    ]),
  );
}

function parameterV2(parameter: Parameter): object {
  const { name, in: place, type, description } = parameter;
  if (sharedParameters.get(name) === parameter) return { $ref: `#/parameters/${name}` };
  return {
    name,
    in: place,
    ...(description !== undefined && { description }),
    ...(place === "path" && { required: true }),
    type,
    uniqueItems: true,
  };
}

function parameterV3({ name, in: place, type, description }: Parameter): object {
  return {
    name,
    in: place,
    ...(description !== undefined && { description }),
    ...(place === "path" && { required: true }),
    schema: { type, uniqueItems: true },
  };
}

const patchTypes = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

/** kubectl reads here whether it may send a strategic patch; the fields of custom kinds have no strategies. */
function bodyTypesOf({ method, action, answer }: Operation, custom: CustomDefinitions): readonly string[] {
  if (method !== "patch" || action === "connect") return ["*/*"];
  return custom.has(answer) ? patchTypes.filter((type) => !type.includes("strategic")) : patchTypes;
}

const answers: Readonly<Record<string, string>> = { "200": "OK", "201": "Created", "202": "Accepted" };
const unauthorized = { "401": { description: "Unauthorized" } };

function headOf({ id, tag }: Operation): object {
  return { tags: [tag], operationId: id };
}

const extensions = ({ action, kind }: Operation): object => ({
  ...(action !== undefined && { "x-kubernetes-action": action }),
  ...(kind && { "x-kubernetes-group-version-kind": kind }),
});

function reference(type: string, prefix: string, custom: CustomDefinitions): object {
  const own = custom.get(type);
  if (own) return { $ref: prefix + own.name };
  const basic = namedBasics[type];
  if (basic) return { $ref: prefix + basic.name };
  return typeSchema(type) ? { $ref: prefix + openApiName(type) } : (plainBasics[type] ?? { type: "object" });
}

function operationV3(operation: Operation, parameters: readonly object[], custom: CustomDefinitions): object {
  const schema = (type: string): object => ({ schema: reference(type, "#/components/schemas/", custom) });
  const { body, answer, forms, statuses, bodyIsOptional } = operation;
  const inForms = (names: readonly string[], type: string): object =>
    Object.fromEntries(names.map((name) => [name, schema(type)]));
  const responses = statuses.map((status) => [
    status,
    { description: answers[status], content: inForms(forms, answer) },
  ]);
  return {
    ...headOf(operation),
    ...someParameters(parameters),
    ...(body !== undefined && {
      requestBody: {
        content: inForms(bodyTypesOf(operation, custom), body),
        ...(!bodyIsOptional && { required: true }),
      },
    }),
    responses: { ...(Object.fromEntries(responses) as object), ...unauthorized },
    ...extensions(operation),
  };
}

function operationV2(operation: Operation, parameters: readonly object[], custom: CustomDefinitions): object {
  const { body, answer, forms, statuses, bodyIsOptional, action } = operation;
  const schema = (type: string): object => reference(type, "#/definitions/", custom);
  const inBody =
    body === undefined
      ? []
      : [{ name: "body", in: "body", ...(!bodyIsOptional && { required: true }), schema: schema(body) }];
  // Upstream's servers read nothing of who asks for keys.
  const consumed =
    action !== undefined
      ? { consumes: bodyTypesOf(operation, custom) }
      : answer === "string"
        ? {}
        : { consumes: forms };
  const responses = statuses.map((status) => [
    status,
    { description: answers[status], schema: schema(answer) },
  ]);
  return {
    ...headOf(operation),
    ...consumed,
    produces: forms,
    schemes: ["https"],
    ...someParameters([...inBody, ...parameters]),
    responses: { ...(Object.fromEntries(responses) as object), ...unauthorized },
    ...extensions(operation),
  };
}
