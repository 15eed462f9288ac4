import {
  anything,
  count,
  double,
  each,
  either,
  type Fields,
  flag,
  type Form,
  map,
  message,
  messageBody,
  text,
  within,
} from "./backward-fields.ts";

/** A schema holds schemas, and items hold items. */
const schema: Form = (to, number, value) => schemaMessage(to, number, value);
const items: Form = (to, number, value) => itemsMessage(to, number, value);

const schemaOrFlag: Form = (to, number, value) => {
  if (typeof value !== "boolean") return within(1, schema)(to, number, value);
  to.nested(number, () => to.integer(2, value ? 1 : 0));
};

const externalDocs = message({ description: [1, text], url: [2, text] }, { extensions: 3 });

const xml = message(
  { name: [1, text], namespace: [2, text], prefix: [3, text], attribute: [4, flag], wrapped: [5, flag] },
  { extensions: 6 },
);

const schemaMessage = message(
  {
    $ref: [1, text],
    format: [2, text],
    title: [3, text],
    description: [4, text],
    default: [5, anything],
    multipleOf: [6, double],
    maximum: [7, double],
    exclusiveMaximum: [8, flag],
    minimum: [9, double],
    exclusiveMinimum: [10, flag],
    maxLength: [11, count],
    minLength: [12, count],
    pattern: [13, text],
    maxItems: [14, count],
    minItems: [15, count],
    uniqueItems: [16, flag],
    maxProperties: [17, count],
    minProperties: [18, count],
    required: [19, each(text)],
    enum: [20, each(anything)],
    additionalProperties: [21, schemaOrFlag],
    type: [22, within(1, each(text))],
    items: [23, within(1, each(schema))],
    allOf: [24, each(schema)],
    properties: [25, map(schema)],
    discriminator: [26, text],
    readOnly: [27, flag],
    xml: [28, xml],
    externalDocs: [29, externalDocs],
    example: [30, anything],
  },
  { extensions: 31 },
);

const fileSchema = message(
  {
    format: [1, text],
    title: [2, text],
    description: [3, text],
    default: [4, anything],
    required: [5, each(text)],
    type: [6, text],
    readOnly: [7, flag],
    externalDocs: [8, externalDocs],
    example: [9, anything],
  },
  { extensions: 10 },
);

/** What every value outside a body may be said to be; the numbers follow one another. */
function simple(first: number): Fields {
  const named: Readonly<Record<string, Form>> = {
    type: text,
    format: text,
    items,
    collectionFormat: text,
    default: anything,
    maximum: double,
    exclusiveMaximum: flag,
    minimum: double,
    exclusiveMinimum: flag,
    maxLength: count,
    minLength: count,
    pattern: text,
    maxItems: count,
    minItems: count,
    uniqueItems: flag,
    enum: each(anything),
    multipleOf: double,
  };
  return Object.fromEntries(Object.entries(named).map(([name, form], at) => [name, [first + at, form]]));
}

const itemsMessage = message(simple(1), { extensions: 18 });
const header = message({ ...simple(1), description: [18, text] }, { extensions: 19 });

const common: Fields = { required: [1, flag], in: [2, text], description: [3, text], name: [4, text] };
const inHead = message({ ...common, ...simple(5) }, { extensions: 22 });
const inQuery = message({ ...common, allowEmptyValue: [5, flag], ...simple(6) }, { extensions: 23 });
const inBody = message(
  { description: [1, text], name: [2, text], in: [3, text], required: [4, flag], schema: [5, schema] },
  { extensions: 6 },
);

const parameters: Readonly<Record<string, Form>> = {
  body: within(1, inBody),
  header: within(2, within(1, inHead)),
  formData: within(2, within(2, inQuery)),
  query: within(2, within(3, inQuery)),
  path: within(2, within(4, inHead)),
};
const nothing: Form = () => undefined;
const parameter = either((value) => parameters[value["in"] as string] ?? nothing);

const reference = within(2, message({ $ref: [1, text], description: [2, text] }));
const orReference = (form: Form): Form => {
  const itself = within(1, form);
  return either((value) => ("$ref" in value ? reference : itself));
};

const response = message(
  {
    description: [1, text],
    schema: [2, either(({ type }) => (type === "file" ? within(2, fileSchema) : within(1, schema)))],
    headers: [3, map(header)],
    examples: [4, map(anything)],
  },
  { extensions: 5 },
);

const responses = message({}, { extensions: 2, members: [1, orReference(response)] });
const security = each(map(within(1, each(text))));

const apiKey = message(
  { type: [1, text], name: [2, text], in: [3, text], description: [4, text] },
  { extensions: 5 },
);
const basicAuthentication = message({ type: [1, text], description: [2, text] }, { extensions: 3 });
/** Kubernetes' servers know neither flows nor scopes. */
const scheme = either(({ type }) =>
  type === "apiKey" ? within(2, apiKey) : type === "basic" ? within(1, basicAuthentication) : nothing,
);

const operation = message(
  {
    tags: [1, each(text)],
    summary: [2, text],
    description: [3, text],
    externalDocs: [4, externalDocs],
    operationId: [5, text],
    produces: [6, each(text)],
    consumes: [7, each(text)],
    parameters: [8, each(orReference(parameter))],
    responses: [9, responses],
    schemes: [10, each(text)],
    deprecated: [11, flag],
    security: [12, security],
  },
  { extensions: 13 },
);

const pathItem = message(
  {
    $ref: [1, text],
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    options: [6, operation],
    head: [7, operation],
    patch: [8, operation],
    parameters: [9, each(orReference(parameter))],
  },
  { extensions: 10 },
);

const paths = message({}, { extensions: 1, members: [2, pathItem] });

/**
 * A whole document as gnostic's OpenAPIv2.proto numbers it: what our own has, and what those of other servers bring into
 * it.
 */
export const writeDocument = messageBody(
  {
    swagger: [1, text],
    info: [2, message({ title: [1, text], version: [2, text], description: [3, text] }, { extensions: 7 })],
    paths: [8, paths],
    definitions: [9, map(schema)],
    parameters: [10, map(parameter)],
    security: [12, security],
    securityDefinitions: [13, map(scheme)],
  },
  { extensions: 16 },
);
