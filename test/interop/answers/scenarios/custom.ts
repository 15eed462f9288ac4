import type { Exchange, Scenario } from "../exchange.ts";
import { anything, definition, definitionsPath, withSpec } from "../requests/definition.ts";

const string = { type: "string" };
const integer = { type: "integer" };
/** Until what a definition says is served; no config map is there. */
const pause: Exchange = {
  path: "/api/v1/namespaces/{ns}/configmaps?watch=1&timeoutSeconds=1&resourceVersion=0",
};
const patches = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
};

/** Things of a group, which is called after what its schema shows. */
class Things {
  readonly group: string;
  constructor(name: string) {
    this.group = `${name}.example.com`;
  }
  path(more = "", version = "v1"): string {
    return `/apis/${this.group}/${version}/namespaces/{ns}/things${more}`;
  }
  thing(name: string, spec?: unknown, more: object = {}): object {
    const { metadata, ...rest } = { metadata: {}, ...more };
    return {
      apiVersion: `${this.group}/v1`,
      kind: "Thing",
      metadata: { name, ...metadata },
      ...(spec !== undefined && { spec }),
      ...rest,
    };
  }
  create(name: string, spec?: unknown, more?: object): Exchange {
    return { path: this.path(), body: this.thing(name, spec, more) };
  }
  /** One after another, called `a0`, `a1` and so on. */
  creates(...specs: unknown[]): Exchange[] {
    return specs.map((spec, index) => this.create(`a${index}`, spec));
  }
  replace(name: string, spec: unknown, more?: object): Exchange {
    return { method: "PUT", path: this.path(`/${name}`), body: this.thing(name, spec, more) };
  }
  patch(type: keyof typeof patches, more: string, body: unknown): Exchange {
    return { method: "PATCH", path: this.path(more), type: patches[type], body };
  }
  get(more = "", headers = {}): Exchange {
    return { path: this.path(more), headers };
  }
}

const types = new Things("types");
const bounds = new Things("bounds");
const choices = new Things("choices");
const lists = new Things("lists");
const defaults = new Things("defaults");
const pruning = new Things("pruning");
const embedded = new Things("embedded");
const rules = new Things("rules");
const ratchet = new Things("ratchet");
const subresources = new Things("subresources");
const applied = new Things("applied");
const versions = new Things("versions");
const open = new Things("open");
const formats = new Things("formats");

const formatNames = [
  "date",
  "date-time",
  "datetime",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "cidr",
  "mac",
  "uri",
  "uuid",
  "uuid3",
  "uuid4",
  "uuid5",
  "byte",
  "duration",
  "hexcolor",
  "rgbcolor",
  "creditcard",
  "isbn",
  "isbn10",
  "isbn13",
  "ssn",
  "bsonobjectid",
  "password",
  "k8s-short-name",
  "k8s-long-name",
  "int32",
];
const keyed = {
  type: "array",
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name", "port"],
  items: {
    type: "object",
    required: ["name"],
    properties: { name: string, port: { type: "integer", default: 80 }, value: string },
  },
};
const column = (name: string, type: string, jsonPath: string, more = {}): object => ({
  name,
  type,
  jsonPath,
  ...more,
});

const definitions: readonly object[] = [
  definition(
    types.group,
    withSpec({
      text: string,
      whole: integer,
      number: { type: "number" },
      flag: { type: "boolean" },
      list: { type: "array", items: string },
      map: { type: "object", additionalProperties: integer },
      object: { type: "object", properties: { inner: string } },
      either: { "x-kubernetes-int-or-string": true },
      none: { type: "string", nullable: true },
      small: { type: "integer", format: "int32" },
      big: { type: "integer", format: "int64" },
      float: { type: "number", format: "float" },
      any: { "x-kubernetes-preserve-unknown-fields": true },
    }),
  ),
  definition(
    bounds.group,
    withSpec(
      {
        text: { type: "string", minLength: 2, maxLength: 4, pattern: "^[a-z]+$" },
        chosen: { type: "string", enum: ["a", "b"] },
        numbers: { type: "integer", enum: [1, 2] },
        whole: { type: "integer", minimum: 1, maximum: 10, multipleOf: 2 },
        open: { type: "number", minimum: 1, exclusiveMinimum: true, maximum: 2.5, exclusiveMaximum: true },
        list: { type: "array", items: { type: "string", maxLength: 3 }, minItems: 1, maxItems: 2 },
        map: {
          type: "object",
          additionalProperties: { type: "string", maxLength: 3 },
          minProperties: 1,
          maxProperties: 2,
        },
        needs: { type: "object", required: ["one", "two"], properties: { one: string, two: string } },
      },
      { required: ["text"] },
      { required: ["spec"] },
    ),
  ),
  definition(
    choices.group,
    withSpec({
      any: {
        type: "object",
        properties: { a: string, b: string },
        anyOf: [{ required: ["a"] }, { required: ["b"] }],
      },
      one: {
        type: "object",
        properties: { a: string, b: string },
        oneOf: [{ required: ["a"] }, { required: ["b"] }],
      },
      all: { type: "string", allOf: [{ minLength: 2 }, { pattern: "^a" }] },
      not: { type: "string", not: { enum: ["x", "y"] } },
      ip: { type: "string", anyOf: [{ format: "ipv4" }, { format: "ipv6" }] },
      either: {
        "x-kubernetes-int-or-string": true,
        anyOf: [{ type: "integer" }, { type: "string" }],
        pattern: "^\\d+%$",
      },
    }),
  ),
  definition(
    lists.group,
    withSpec({
      set: { type: "array", items: string, "x-kubernetes-list-type": "set" },
      numbers: { type: "array", items: integer, "x-kubernetes-list-type": "set" },
      keyed,
      atomic: { type: "array", items: string, "x-kubernetes-list-type": "atomic" },
      map: { type: "object", "x-kubernetes-map-type": "atomic", additionalProperties: string },
    }),
  ),
  definition(
    defaults.group,
    withSpec(
      {
        text: { type: "string", default: "hello" },
        whole: { type: "integer", default: 3 },
        none: { type: "string", nullable: true, default: "n" },
        nullable: { type: "string", nullable: true },
        object: {
          type: "object",
          default: {},
          properties: { inner: { type: "string", default: "in" }, other: string },
        },
        outer: { type: "object", properties: { inner: { type: "string", default: "in" } } },
        list: {
          type: "array",
          items: { type: "object", properties: { a: { type: "integer", default: 1 } } },
        },
        map: {
          type: "object",
          additionalProperties: { type: "object", properties: { a: { type: "integer", default: 1 } } },
        },
        texts: { type: "array", items: { type: "string", default: "t" } },
      },
      { default: {} },
    ),
  ),
  definition(
    pruning.group,
    withSpec({
      known: string,
      object: { type: "object", properties: { known: string } },
      open: {
        type: "object",
        "x-kubernetes-preserve-unknown-fields": true,
        properties: { closed: { type: "object", properties: { known: string } } },
      },
      list: { type: "array", items: { type: "object", properties: { known: string } } },
      map: { type: "object", additionalProperties: { type: "object", properties: { known: string } } },
    }),
  ),
  definition(
    embedded.group,
    withSpec({
      pod: {
        type: "object",
        "x-kubernetes-embedded-resource": true,
        "x-kubernetes-preserve-unknown-fields": true,
      },
      closed: {
        type: "object",
        "x-kubernetes-embedded-resource": true,
        properties: { spec: { type: "object", properties: { a: string } } },
      },
      list: {
        type: "array",
        items: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          "x-kubernetes-preserve-unknown-fields": true,
        },
      },
    }),
  ),
  definition(
    rules.group,
    withSpec(
      {
        fixed: {
          type: "string",
          maxLength: 20,
          "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "is fixed" }],
        },
        min: integer,
        max: integer,
        said: {
          type: "integer",
          maximum: 1000,
          "x-kubernetes-validations": [
            { rule: "self < 10", messageExpression: "self < 100 ? 'too large' : 'much too large'" },
          ],
        },
        failing: {
          type: "integer",
          "x-kubernetes-validations": [
            { rule: "self < 10", message: "plain", messageExpression: "['a'][self]" },
          ],
        },
        plain: { type: "integer", "x-kubernetes-validations": [{ rule: "self < 10" }] },
        forbidden: {
          type: "string",
          "x-kubernetes-validations": [
            { rule: "self == 'ok'", reason: "FieldValueForbidden", message: "no" },
          ],
        },
        duplicate: {
          type: "string",
          "x-kubernetes-validations": [
            { rule: "self == 'ok'", reason: "FieldValueDuplicate", message: "twice" },
          ],
        },
        wanted: {
          type: "object",
          properties: { a: string, b: string, "c-d": string },
          "x-kubernetes-validations": [
            { rule: "has(self.a)", reason: "FieldValueRequired", fieldPath: ".a", message: "a is wanted" },
            { rule: "!has(self.b)", reason: "FieldValueForbidden", fieldPath: ".b" },
            { rule: "!has(self.c__dash__d)", fieldPath: "['c-d']", message: "not c-d" },
          ],
        },
        list: {
          type: "array",
          maxItems: 5,
          items: {
            type: "string",
            maxLength: 10,
            "x-kubernetes-validations": [{ rule: "self.startsWith('a')" }],
          },
        },
        keyed: {
          type: "array",
          maxItems: 5,
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["k"],
          items: {
            type: "object",
            required: ["k"],
            properties: { k: { type: "string", maxLength: 10 }, v: integer },
            "x-kubernetes-validations": [
              { rule: "!has(oldSelf.v) || self.v >= oldSelf.v", message: "v may only grow" },
            ],
          },
        },
        map: {
          type: "object",
          maxProperties: 5,
          additionalProperties: { type: "integer", "x-kubernetes-validations": [{ rule: "self > 0" }] },
        },
        first: {
          type: "string",
          maxLength: 20,
          "x-kubernetes-validations": [
            {
              rule: "oldSelf.hasValue() ? self == oldSelf.value() : self != 'never'",
              optionalOldSelf: true,
              message: "first",
            },
          ],
        },
        divided: { type: "integer", "x-kubernetes-validations": [{ rule: "10 / self > 1" }] },
        indexed: {
          type: "array",
          maxItems: 3,
          items: integer,
          "x-kubernetes-validations": [{ rule: "self[0] == 1" }],
        },
        either: {
          "x-kubernetes-int-or-string": true,
          "x-kubernetes-validations": [{ rule: "type(self) == int ? self > 1 : self == 'a'" }],
        },
        two: {
          type: "integer",
          "x-kubernetes-validations": [
            { rule: "self > 1", message: "first" },
            { rule: "self > 2", message: "second" },
          ],
        },
      },
      {
        "x-kubernetes-validations": [
          {
            rule: "!has(self.min) || !has(self.max) || self.min <= self.max",
            message: "min must not exceed max",
          },
        ],
      },
      {
        "x-kubernetes-validations": [{ rule: "self.metadata.name.size() < 10", message: "short names only" }],
      },
    ),
  ),
  definition(
    ratchet.group,
    withSpec({ text: string, whole: integer, list: { type: "array", items: string } }),
  ),
  definition(subresources.group, withSpec({ replicas: integer, text: string }), {
    version: {
      subresources: {
        status: {},
        scale: {
          specReplicasPath: ".spec.replicas",
          statusReplicasPath: ".status.replicas",
          labelSelectorPath: ".status.selector",
        },
      },
      additionalPrinterColumns: [
        column("Replicas", "integer", ".spec.replicas", { description: "wanted" }),
        column("Text", "string", ".spec.text", { priority: 1 }),
        column("Since", "date", ".metadata.creationTimestamp"),
        column("Label", "string", ".metadata.labels.a\\.b/c"),
        column("All", "string", ".spec"),
        column("Flag", "boolean", ".spec.text"),
      ],
      selectableFields: [{ jsonPath: ".spec.text" }, { jsonPath: ".spec.replicas" }],
    },
    names: { shortNames: ["sub"], categories: ["all"], singular: "thing" },
  }),
  definition(
    applied.group,
    withSpec({
      text: string,
      keyed,
      set: { type: "array", items: string, "x-kubernetes-list-type": "set" },
      plain: { type: "array", items: string },
      map: { type: "object", additionalProperties: string },
      atomic: { type: "object", "x-kubernetes-map-type": "atomic", properties: { a: string, b: string } },
      any: anything,
    }),
    { version: { subresources: { status: {} } } },
  ),
  definition(versions.group, withSpec({ text: string }), {
    spec: {
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: withSpec({ text: string, one: { type: "string", default: "1" } }) },
        },
        {
          name: "v1beta1",
          served: true,
          storage: false,
          deprecated: true,
          schema: { openAPIV3Schema: withSpec({ text: string }) },
        },
        {
          name: "v1alpha1",
          served: true,
          storage: false,
          deprecated: true,
          deprecationWarning: "use v1",
          schema: { openAPIV3Schema: withSpec({ text: string }) },
        },
        {
          name: "v2",
          served: false,
          storage: false,
          schema: { openAPIV3Schema: withSpec({ text: string }) },
        },
      ],
    },
  }),
  definition(open.group, anything, { spec: { scope: "Cluster" } }),
  definition(
    formats.group,
    withSpec(Object.fromEntries(formatNames.map((format) => [format, { type: "string", format }]))),
  ),
];

const good: Record<string, string[]> = {
  date: ["2020-01-02", "2020-02-30", "20-1-2"],
  "date-time": [
    "2020-01-02T03:04:05Z",
    "2020-01-02 03:04:05Z",
    "2020-01-02T03:04:05.123456789+01:00",
    "2020-01-02T25:04:05Z",
    "2020-01-02",
  ],
  datetime: ["2020-01-02T03:04:05Z", "x"],
  email: ["a@example.com", "a", "A <a@example.com>", "a@b"],
  hostname: ["a.example.com", "a_b", "-a", "a.b.", "1.2"],
  ipv4: ["1.2.3.4", "1.2.3", "::1", "01.2.3.4"],
  ipv6: ["::1", "1.2.3.4", "::ffff:1.2.3.4", "g::"],
  cidr: ["10.0.0.0/8", "10.0.0.1/8", "10.0.0.0", "::/0", "10.0.0.0/33"],
  mac: ["00:11:22:33:44:55", "00-11-22-33-44-55", "001122334455", "0011.2233.4455", "x"],
  uri: ["https://a/b", "a", "/a", "a b", "mailto:a@b", "http://a b"],
  uuid: ["123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000", "x"],
  uuid3: ["123e4567-e89b-32d3-a456-426614174000", "123e4567-e89b-42d3-a456-426614174000"],
  uuid4: ["123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-42d3-1456-426614174000"],
  uuid5: ["123e4567-e89b-52d3-a456-426614174000", "123e4567-e89b-52d3-c456-426614174000"],
  byte: ["YQ==", "YQ", "%", "", "YWI=\n"],
  duration: ["1h", "1 h", "1.5h", "3 days", "x", "1d", "P1D", "-1s"],
  hexcolor: ["#fff", "fff", "#ffff", "#12345G"],
  rgbcolor: ["rgb(1,2,3)", "rgb(256,0,0)", "red"],
  creditcard: ["4111111111111111", "4111111111111112", "4111-1111-1111-1111"],
  isbn: ["0321751043", "978-0321751041", "1"],
  isbn10: ["0321751043", "0321751042"],
  isbn13: ["978-0321751041", "978-0321751042"],
  ssn: ["111-22-3333", "111 22 3333", "111223333", "1"],
  bsonobjectid: ["507f1f77bcf86cd799439011", "507f"],
  password: ["anything"],
  "k8s-short-name": ["a-b", "A", "a.b"],
  "k8s-long-name": ["a.b", "A", "a..b"],
  int32: ["x"],
};
const formatTries = Object.entries(good).flatMap(([format, texts]) =>
  texts.map((text) => ({ [format]: text })),
);

const strict = (exchange: Exchange, how = "Strict"): Exchange => ({
  ...exchange,
  path: `${exchange.path}?fieldValidation=${how}`,
});
const table = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };

export const scenarios: readonly Scenario[] = [
  {
    name: "definitions",
    exchanges: [
      ...definitions.map((body) => ({ path: definitionsPath, body })),
      pause,
      ...definitions.map((body) => ({
        path: `${definitionsPath}/${(body as { metadata: { name: string } }).metadata.name}`,
      })),
    ],
  },
  {
    name: "types of values",
    exchanges: [
      ...types.creates(
        {},
        undefined,
        null,
        "x",
        [],
        1,
        { text: 1 },
        { text: null },
        { text: true },
        { text: {} },
        { text: [] },
        { text: "" },
        { whole: "1" },
        { whole: 1.5 },
        { whole: 1.0 },
        { whole: true },
        { number: "1" },
        { number: 1 },
        { number: 1.5 },
        { number: 1e300 },
        { flag: "true" },
        { flag: 1 },
        { flag: true },
        { list: "x" },
        { list: {} },
        { list: [1, "a", null] },
        { list: ["a"] },
        { list: [] },
        { map: { a: "x", b: 1 } },
        { map: [] },
        { map: { a: null } },
        { map: {} },
        { object: "x" },
        { object: { inner: 1 } },
        { object: null },
        { either: 1 },
        { either: "a" },
        { either: 1.5 },
        { either: true },
        { either: null },
        { either: {} },
        { none: null },
        { none: 1 },
        { small: 2147483647 },
        { small: 2147483648 },
        { small: -2147483649 },
        { float: 1e39 },
        { any: [1, { a: null }] },
        { any: null },
      ),
      ...[
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "1e3",
        "1.0",
        "12345678901234567890123",
        "0.1e1",

        "-0",
        "-0.0",
      ].flatMap((number, index) =>
        ["big", "number", "any"].map((member) => ({
          path: types.path(),
          body: `{"apiVersion":"${types.group}/v1","kind":"Thing","metadata":{"name":"n${index}${member}"},"spec":{"${member}":${number}}}`,
        })),
      ),
      {
        path: types.path(),
        body: { apiVersion: `${types.group}/v1`, kind: "Other", metadata: { name: "a" } },
      },
      {
        path: types.path(),
        body: { apiVersion: `${types.group}/v2`, kind: "Thing", metadata: { name: "a" } },
      },
      { path: types.path(), body: { kind: "Thing", metadata: { name: "no-version" } } },
      { path: types.path(), body: { apiVersion: `${types.group}/v1`, metadata: { name: "no-kind" } } },
      { path: types.path(), body: {} },
      { path: types.path(), body: { apiVersion: `${types.group}/v1`, kind: "Thing" } },
      {
        path: types.path(),
        body: { apiVersion: `${types.group}/v1`, kind: "Thing", metadata: { name: "A_b" } },
      },
      {
        path: types.path(),
      },
      {
        path: types.path(),
        body: {
          apiVersion: `${types.group}/v1`,
          kind: "Thing",
        },
      },
      {
        path: types.path(),
        body: { apiVersion: `${types.group}/v1`, kind: "Thing", metadata: { name: "a", namespace: "other" } },
      },
      {
        path: types.path(),
        body: {
          apiVersion: `${types.group}/v1`,
          kind: "Thing",
        },
      },
      {
        path: types.path(),
        body: {
          apiVersion: `${types.group}/v1`,
          kind: "Thing",
          metadata: { generateName: "gen-" },
          spec: {},
        },
      },
      {
        path: types.path(),
        type: "application/yaml",
        body: `apiVersion: ${types.group}/v1\nkind: Thing\nmetadata: {name: yaml}\nspec: {text: a, whole: 1}\n`,
      },
      types.get("/a0"),
      types.get("/none"),
      types.get("/a0/status"),
      types.get("/a0/scale"),
      types.get("/a0/other"),
    ],
  },
  { name: "formats of texts", exchanges: formats.creates(...formatTries) },
  {
    name: "bounds of values",
    exchanges: bounds.creates(
      undefined,
      {},
      { text: "abc" },
      { text: "a" },
      { text: "abcde" },
      { text: "ABC" },
      { text: "A" },
      { text: "ABCDE" },
      { text: "abc", chosen: "c" },
      { text: "abc", chosen: "" },
      { text: "abc", chosen: 1 },
      { text: "abc", numbers: 3 },
      { text: "abc", numbers: 2 },
      { text: "abc", whole: 0 },
      { text: "abc", whole: 12 },
      { text: "abc", whole: 3 },
      { text: "abc", whole: 11 },
      { text: "abc", whole: 4 },
      { text: "abc", open: 1 },
      { text: "abc", open: 2.5 },
      { text: "abc", open: 1.5 },
      { text: "abc", open: 2.6 },
      { text: "abc", list: [] },
      { text: "abc", list: ["a", "b", "c"] },
      { text: "abc", list: ["abcd"] },
      { text: "abc", list: ["abcd", "abcde", "x"] },
      { text: "abc", map: {} },
      { text: "abc", map: { a: "1", b: "2", c: "3" } },
      { text: "abc", map: { "a.b": "abcd", "c/d": "abcd" } },
      { text: "abc", needs: {} },
      { text: "abc", needs: { two: "" } },
      { text: "ab\u00e9", chosen: null },
    ),
  },
  {
    name: "choices of schemas",
    exchanges: choices.creates(
      { any: {} },
      { any: { a: "1" } },
      { any: { a: "1", b: "2" } },
      { one: {} },
      { one: { a: "1" } },
      { one: { a: "1", b: "2" } },
      { all: "a" },
      { all: "bb" },
      { all: "b" },
      { all: "ab" },
      { not: "x" },
      { not: "z" },
      { ip: "1.2.3.4" },
      { ip: "x" },
      { either: 5 },
      { either: "5%" },
      { either: "5" },
      { either: true },
    ),
  },
  {
    name: "kinds of lists",
    exchanges: lists.creates(
      { set: ["a", "b"] },
      { set: ["a", "b", "a", "a"] },
      { numbers: [1, 1] },
      { keyed: [{ name: "a" }, { name: "a", port: 81 }] },
      { keyed: [{ name: "a" }, { name: "a", port: 80 }] },
      { keyed: [{ port: 1 }] },
      {
        keyed: [
          { name: "a", port: 1 },
          { name: "a", port: 1 },
          { name: "a", port: 1 },
        ],
      },
      { keyed: [{ name: 1 }] },
      { keyed: [null] },
      { atomic: ["a", "a"] },
      { set: [null, null] },
      { map: { a: 1 } },
    ),
  },
  {
    name: "defaults of values",
    exchanges: [
      ...defaults.creates(
        undefined,
        {},
        null,
        { text: null, whole: null, none: null, nullable: null },
        { object: { other: "x" } },
        { object: null },
        { outer: {} },
        { outer: null },
        { list: [{}, { a: 2 }, null] },
        { map: { x: {}, y: { a: 2 }, z: null } },
        { texts: ["a", null] },
        { text: "" },
      ),
      defaults.patch("merge", "/a1", { spec: { text: null } }),
      defaults.patch("json", "/a1", [{ op: "remove", path: "/spec/whole" }]),
      defaults.replace("a1", { whole: 4 }),
      defaults.get("/a0"),
      defaults.get(),
    ],
  },
  {
    name: "pruning and field validation",
    exchanges: [
      ...pruning.creates(
        { known: "a", bogus: 1 },
        { object: { known: "a", bogus: 1 } },
        { open: { any: { deep: 1 }, closed: { known: "a", bogus: 1 } } },
        { list: [{ known: "a" }, { bogus: 1 }] },
        { map: { x: { bogus: 1 }, "y.z": { bogus: 2 } } },
      ),
      strict(pruning.create("s0", { known: "a", bogus: 1, object: { bogus: 2 } })),
      strict(pruning.create("s1", { known: "a", bogus: 1 }), "Ignore"),
      strict(pruning.create("s2", { known: "a", bogus: 1 }), "Warn"),
      strict(pruning.create("s3", {}), "Bogus"),
      strict(pruning.create("s4", { list: [{ bogus: 1 }], map: { x: { bogus: 1 } } })),
      strict(pruning.create("s5", {}, { other: 1, metadata: { bogus: 1 } })),
      pruning.create("s6", {}, { other: 1, metadata: { bogus: 1 } }),
      strict({
        path: pruning.path(),
      }),
      strict(
        {
          path: pruning.path(),
          body: `{"apiVersion":"${pruning.group}/v1","kind":"Thing","metadata":{"name":"twice"},"spec":{"known":"a","known":"b"}}`,
        },
        "Warn",
      ),
      strict({
        path: pruning.path(),
        type: "application/yaml",
      }),
      strict(pruning.patch("merge", "/a0", { spec: { bogus: 1 } }), "Warn"),
      strict({ ...pruning.replace("a0", { bogus: 1 }) }),
      pruning.patch("merge", "/a0", { spec: { bogus: 1 } }),
      {
        method: "PATCH",
        path: pruning.path("/a0"),
        type: "application/strategic-merge-patch+json",
        body: { spec: { known: "x" } },
      },
    ],
  },
  {
    name: "embedded resources",
    exchanges: embedded.creates(
      { pod: { apiVersion: "v1", kind: "Pod", metadata: { name: "a", bogus: 1 }, spec: { x: 1 } } },
      { pod: {} },
      { pod: { apiVersion: "v1" } },
      { pod: { apiVersion: "a/b/c", kind: "P o d" } },
      { pod: { apiVersion: "v1", kind: "Pod", metadata: { name: "A_B", labels: { "a b": "c d" } } } },
      {
        closed: {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "a", labels: { a: "b" } },
          other: 1,
        },
      },
      { closed: { spec: {} } },
      { list: [{ apiVersion: "v1", kind: "Pod" }, {}] },
      { pod: null },
      { pod: { apiVersion: "", kind: "" } },
      {
        pod: {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { generateName: "a", namespace: "X", annotations: { "a b": "" }, finalizers: ["x y"] },
        },
      },
    ),
  },
  {
    name: "rules",
    exchanges: [
      ...rules.creates(
        { fixed: "a", min: 1, max: 2 },
        { min: 2, max: 1 },
        { said: 10 },
        { failing: 10 },
        { plain: 10 },
        { forbidden: "x" },
        { duplicate: "x" },
        { wanted: {} },
        { wanted: { a: "1", b: "2", "c-d": "3" } },
        { list: ["a", "b", "c"] },
        { keyed: [{ k: "a", v: 5 }] },
        { map: { a: 1, "c.d": -1 } },
        { first: "never" },
        { first: "once" },
        { divided: 0 },
        { divided: 20 },
        { indexed: [] },
        { indexed: [2] },
        { either: 1 },
        { either: "b" },
        { either: 2 },
        { two: 0 },
        { min: "x" },
        { list: ["b", "c", "d", "e", "f", "g"] },
      ),
      rules.create("much-too-long-a-name", {}),
      rules.patch("merge", "/a0", { spec: { fixed: "b" } }),
      rules.patch("merge", "/a0", { spec: { fixed: null } }),
      rules.patch("merge", "/a0", { spec: { fixed: "c" } }),
      rules.patch("merge", "/a10", { spec: { keyed: [{ k: "a", v: 4 }] } }),
      rules.patch("merge", "/a10", {
        spec: {
          keyed: [
            { k: "b", v: 1 },
            { k: "a", v: 6 },
          ],
        },
      }),
      rules.patch("merge", "/a13", { spec: { first: "other" } }),
      rules.patch("merge", "/a13", { spec: { first: "once", plain: 12 } }),
      rules.replace("a0", { fixed: "c", min: 3, max: 1 }),
    ],
  },
  {
    name: "ratcheting",
    exchanges: [
      ratchet.create("old", { text: "abcdef", whole: 100, list: ["abcdef", "b"] }),
      {
        method: "PATCH",
        path: `${definitionsPath}/things.${ratchet.group}`,
        type: patches.json,
        body: [
          {
            op: "replace",
            path: "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties",
            value: {
              text: {
                type: "string",
                maxLength: 3,
                "x-kubernetes-validations": [{ rule: "self.startsWith('x')" }],
              },
              whole: { type: "integer", maximum: 10 },
              list: { type: "array", maxItems: 3, items: { type: "string", maxLength: 3 } },
            },
          },
        ],
      },
      pause,
      ratchet.get("/old"),
      ratchet.patch("merge", "/old", { metadata: { labels: { a: "b" } } }),
      ratchet.patch("merge", "/old", { spec: { text: "xbcdef" } }),
      ratchet.patch("merge", "/old", { spec: { text: "x" } }),
      ratchet.patch("merge", "/old", { spec: { list: ["b", "abcdef"] } }),
      ratchet.create("new", { whole: 100 }),
    ],
  },
  {
    name: "status and scale",
    exchanges: [
      {
        ...subresources.create(
          "a",
          { replicas: 2, text: "one" },
          { status: { replicas: 9 }, metadata: { labels: { "a.b/c": "lab" } } },
        ),
      },
      subresources.create("b", { replicas: 3, text: "two" }),
      subresources.create("c", {}),
      subresources.get("/a/status"),
      subresources.get("/a/scale"),
      subresources.get("/none/scale"),
      subresources.get("/none/status"),
      subresources.patch("merge", "/a/status", {
        status: { replicas: 5, selector: "a=b" },
        spec: { replicas: 7 },
        metadata: { labels: { x: "y" } },
      }),
      subresources.get("/a/scale"),
      subresources.patch("merge", "/a", { status: { replicas: 8 }, spec: { text: "new" } }),
      {
        method: "PUT",
        path: subresources.path("/a/status"),
        body: subresources.thing("a", { replicas: 100 }, { status: { replicas: 1 } }),
      },
      { method: "POST", path: subresources.path("/a/status"), body: {} },
      { method: "DELETE", path: subresources.path("/a/status") },
      { method: "DELETE", path: subresources.path("/a/scale") },
      subresources.get("?fieldSelector=spec.text%3Dtwo"),
      subresources.get("?fieldSelector=spec.text!%3Dtwo,spec.replicas%3D3"),
      subresources.get("?fieldSelector=spec.replicas%3D3"),
      subresources.get("?fieldSelector=spec.other%3D3"),
      subresources.get("?fieldSelector=metadata.name%3Da"),
      subresources.get("?fieldSelector=.spec.text%3Dtwo"),
      subresources.get("?fieldSelector=status.phase%3Da"),
      subresources.get("?labelSelector=a.b/c%3Dlab"),
      subresources.get("?limit=1"),
      { path: `/apis/${subresources.group}` },
      { path: `/apis/${subresources.group}/v1/things?limit=2` },
      subresources.patch("merge", "/a/scale", { spec: { replicas: 4 } }),
      subresources.patch("merge", "/c/scale", { spec: { replicas: 1 } }),
      subresources.patch("merge", "/a/scale", { spec: { replicas: -1 } }),
      subresources.patch("json", "/a/scale", [{ op: "replace", path: "/spec/replicas", value: 6 }]),
      {
        method: "PUT",
        path: subresources.path("/a/scale"),
        body: {
          apiVersion: "autoscaling/v1",
          kind: "Scale",
          metadata: { name: "a", namespace: "{ns}" },
          spec: { replicas: 3 },
        },
      },
      {
        method: "PUT",
        path: subresources.path("/a/scale"),
        body: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "a" }, spec: { replicas: 3 } },
      },
      {
        method: "PUT",
        path: subresources.path("/a/scale"),
        body: {
          apiVersion: "autoscaling/v1",
          kind: "Scale",
          metadata: { name: "b", namespace: "{ns}" },
          spec: { replicas: 3 },
        },
      },
      {
        method: "PUT",
        path: subresources.path("/a/scale"),
        body: {
          apiVersion: "autoscaling/v1",
          kind: "Scale",
          metadata: { name: "a", namespace: "{ns}", resourceVersion: "1" },
          spec: { replicas: 3 },
        },
      },
    ],
  },
  {
    name: "tables of custom resources",
    differs: "columns are described in our own words",
    exchanges: [
      subresources.create("a", { replicas: 2, text: "one" }),
      subresources.get("/a", table),
      subresources.get("", table),
      subresources.get("?includeObject=None", table),
      subresources.get("?includeObject=Object", table),
    ],
  },
  {
    name: "server-side apply",
    exchanges: [
      applied.patch(
        "apply",
        "/a?fieldManager=one",
        applied.thing("a", {
          text: "x",
          keyed: [{ name: "a", value: "1" }],
          set: ["a"],
          plain: ["p"],
          map: { a: "1" },
          atomic: { a: "1" },
          any: { deep: { er: 1 } },
        }),
      ),
      applied.patch(
        "apply",
        "/a?fieldManager=two",
        applied.thing("a", { keyed: [{ name: "b", port: 1, value: "2" }], set: ["b"], map: { b: "2" } }),
      ),
      applied.patch(
        "apply",
        "/a?fieldManager=two&force=true",
        applied.thing("a", { text: "y", plain: ["q"], atomic: { b: "2" } }),
      ),
      applied.patch("apply", "/a?fieldManager=one", applied.thing("a", {})),
      applied.patch("apply", "/a", applied.thing("a", {})),
      applied.patch("apply", "/a?fieldManager=one", applied.thing("b", {})),
      applied.patch("apply", "/a?fieldManager=one", applied.thing("a", { keyed: [{ port: 1 }] })),
      applied.patch("apply", "/a/status?fieldManager=three", {
        apiVersion: `${applied.group}/v1`,
        kind: "Thing",
        metadata: { name: "a" },
        status: { x: { y: 1 } },
      }),
      applied.get("/a"),
    ],
  },
  {
    name: "several versions",
    exchanges: [
      versions.create("a", { text: "x" }),
      {
        path: versions.path("", "v1beta1"),
        body: {
          apiVersion: `${versions.group}/v1beta1`,
          kind: "Thing",
          metadata: { name: "b" },
          spec: { text: "y", one: "1" },
        },
      },
      { path: versions.path("/a", "v1beta1") },
      { path: versions.path("/b", "v1") },
      { path: versions.path("", "v1beta1") },
      { path: versions.path("", "v1alpha1") },
      { path: versions.path("/a", "v1alpha1") },
      { path: `/apis/${versions.group}` },
      {
        method: "PUT",
        path: `${definitionsPath}/things.${versions.group}/status`,
        body: { ...definition(versions.group, anything), status: { storedVersions: ["v9"] } },
      },
      {
        method: "PATCH",
        path: `${definitionsPath}/things.${versions.group}`,
        type: patches.merge,
        body: { spec: { scope: "Cluster" } },
      },
      {
        method: "PATCH",
        path: `${definitionsPath}/things.${versions.group}`,
        type: patches.json,
        body: [
          { op: "replace", path: "/spec/versions/0/storage", value: false },
          { op: "replace", path: "/spec/versions/1/storage", value: true },
        ],
      },
      {
        method: "PUT",
        path: `${definitionsPath}/things.${versions.group}`,
        body: definition(versions.group, anything),
      },
    ],
  },
  {
    name: "names that are taken",
    exchanges: [
      {
        path: definitionsPath,
        body: definition("taken.example.com", anything, { names: { shortNames: ["tk"] } }),
      },
      pause,
      {
        path: definitionsPath,
        body: {
          ...definition("taken.example.com", anything, {
            names: { plural: "others", singular: "thing", shortNames: ["tk", "ot"] },
          }),
          metadata: { name: "others.taken.example.com" },
        },
      },
      pause,
      { path: `${definitionsPath}/others.taken.example.com` },
      pause,
      { path: `${definitionsPath}/others.taken.example.com` },
      { path: `${definitionsPath}/things.taken.example.com` },
    ],
  },
  {
    name: "objects of the cluster and deletion",
    exchanges: [
      {
        path: `/apis/${open.group}/v1/things`,
        body: open.thing("a", { anything: [1, null, { a: null }] }, { x: { y: null } }),
      },
      {
        path: `/apis/${open.group}/v1/things`,
        body: open.thing("f", {}, { metadata: { finalizers: ["example.com/f"] } }),
      },
      { path: `/apis/${open.group}/v1/things` },
      {
        method: "PATCH",
        path: `/apis/${open.group}/v1/things/a`,
        type: patches.merge,
        body: { spec: null, x: null, n: { m: null } },
      },
      { method: "DELETE", path: `/apis/${open.group}/v1/things/f` },
      { path: `/apis/${open.group}/v1/things/f` },
      { method: "DELETE", path: `/apis/${open.group}/v1/things?labelSelector=a%3Db` },
      pause,
      {
        method: "PATCH",
        path: `/apis/${open.group}/v1/things/f`,
        type: patches.merge,
        body: { metadata: { finalizers: null } },
      },
    ],
  },
];
