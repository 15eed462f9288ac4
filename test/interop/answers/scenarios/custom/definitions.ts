import { anything, definition, withSpec } from "../../requests/definition.ts";
import { formatNames } from "./formats.ts";
import {
  applied,
  bounds,
  choices,
  column,
  defaults,
  embedded,
  formats,
  integer,
  keyed,
  lists,
  open,
  pruning,
  ratchet,
  rules,
  string,
  subresources,
  types,
  versions,
} from "./things.ts";

export const definitions: readonly object[] = [
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
