import protobuf from "protobufjs";
import { parse } from "yaml";

/** The messages of `openapi.v2` that a Kubernetes document uses, as gnostic publishes them. */
const description = `
syntax = "proto3";
message Any { string yaml = 2; }
message NamedAny { string name = 1; Any value = 2; }
message Info { string title = 1; string version = 2; }
message Document {
  string swagger = 1; Info info = 2; Paths paths = 8; Definitions definitions = 9; ParameterDefinitions parameters = 10;
  repeated SecurityRequirement security = 12; SecurityDefinitions security_definitions = 13;
}
message SecurityRequirement { repeated NamedStringArray additional_properties = 1; }
message NamedStringArray { string name = 1; StringArray value = 2; }
message StringArray { repeated string value = 1; }
message SecurityDefinitions { repeated NamedSecurityDefinitionsItem additional_properties = 1; }
message NamedSecurityDefinitionsItem { string name = 1; SecurityDefinitionsItem value = 2; }
message SecurityDefinitionsItem { oneof oneof { ApiKeySecurity api_key_security = 2; } }
message ApiKeySecurity { string type = 1; string name = 2; string in = 3; string description = 4; }
message Paths { repeated NamedAny vendor_extension = 1; repeated NamedPathItem path = 2; }
message NamedPathItem { string name = 1; PathItem value = 2; }
message PathItem {
  Operation get = 2; Operation put = 3; Operation post = 4; Operation delete = 5; Operation options = 6;
  Operation head = 7; Operation patch = 8; repeated ParametersItem parameters = 9; repeated NamedAny vendor_extension = 10;
}
message Operation {
  repeated string tags = 1; string description = 3; string operation_id = 5; repeated string produces = 6;
  repeated string consumes = 7; repeated ParametersItem parameters = 8; Responses responses = 9;
  repeated string schemes = 10; bool deprecated = 11; repeated NamedAny vendor_extension = 13;
}
message ParametersItem { oneof oneof { Parameter parameter = 1; JsonReference json_reference = 2; } }
message JsonReference { string _ref = 1; string description = 2; }
message Parameter { oneof oneof { BodyParameter body_parameter = 1; NonBodyParameter non_body_parameter = 2; } }
message NamedParameter { string name = 1; Parameter value = 2; }
message ParameterDefinitions { repeated NamedParameter additional_properties = 1; }
message BodyParameter { string description = 1; string name = 2; string in = 3; bool required = 4; Schema schema = 5; }
message NonBodyParameter {
  oneof oneof { HeadParameter header = 1; QueryParameter form = 2; QueryParameter query = 3; HeadParameter path = 4; }
}
message HeadParameter {
  bool required = 1; string in = 2; string description = 3; string name = 4; string type = 5; string format = 6;
  bool unique_items = 19; repeated Any enum = 20; repeated NamedAny vendor_extension = 22;
}
message QueryParameter {
  bool required = 1; string in = 2; string description = 3; string name = 4; bool allow_empty_value = 5; string type = 6;
  string format = 7; Any default = 10; double maximum = 11; bool unique_items = 20; repeated Any enum = 21;
  repeated NamedAny vendor_extension = 23;
}
message Responses { repeated NamedResponseValue response_code = 1; repeated NamedAny vendor_extension = 2; }
message NamedResponseValue { string name = 1; ResponseValue value = 2; }
message ResponseValue { oneof oneof { Response response = 1; JsonReference json_reference = 2; } }
message Response { string description = 1; SchemaItem schema = 2; repeated NamedAny vendor_extension = 5; }
message SchemaItem { oneof oneof { Schema schema = 1; FileSchema file_schema = 2; } }
message FileSchema { string type = 6; }
message Definitions { repeated NamedSchema additional_properties = 1; }
message Properties { repeated NamedSchema additional_properties = 1; }
message NamedSchema { string name = 1; Schema value = 2; }
message TypeItem { repeated string value = 1; }
message ItemsItem { repeated Schema schema = 1; }
message AdditionalPropertiesItem { oneof oneof { Schema schema = 1; bool boolean = 2; } }
message Schema {
  string _ref = 1; string format = 2; string title = 3; string description = 4; Any default = 5; double multiple_of = 6;
  double maximum = 7; bool exclusive_maximum = 8; double minimum = 9; bool exclusive_minimum = 10; int64 max_length = 11;
  int64 min_length = 12; string pattern = 13; int64 max_items = 14; int64 min_items = 15; bool unique_items = 16;
  int64 max_properties = 17; int64 min_properties = 18; repeated string required = 19; repeated Any enum = 20;
  AdditionalPropertiesItem additional_properties = 21; TypeItem type = 22; ItemsItem items = 23; repeated Schema all_of = 24;
  Properties properties = 25; string discriminator = 26; bool read_only = 27; Any example = 30;
  repeated NamedAny vendor_extension = 31;
}
`;
const { root } = protobuf.parse(description, { keepCase: true });

type Plain = Readonly<Record<string, unknown>>;
interface Named {
  readonly name: string;
  readonly value: Plain;
}

/**
 * A document in protobuf read back into what Swagger says in JSON, by a description of its own.
 * @throws Error for a field that the description does not have
 */
export function swaggerOfProtobuf(bytes: Uint8Array): Plain {
  const type = root.lookupType("Document");
  const message = type.decode(bytes);
  const plain = type.toObject(message, { longs: Number }) as Plain;
  // A field that nobody knows would be passed over in silence.
  if (type.encode(message).finish().length !== bytes.length)
    throw new Error("it has fields that are not known");
  return told(plain) as Plain;
}

const renamed: Readonly<Record<string, string>> = { _ref: "$ref" };
/** Messages that JSON has no level for. */
const transparent = new Set([
  "api_key_security",
  "parameter",
  "json_reference",
  "body_parameter",
  "non_body_parameter",
  "response",
]);
const places = new Set(["header", "form", "query", "path"]);

function told(value: unknown, at = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => told(one, at));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value as Plain);
  const [[only, inner] = ["", undefined]] = members;
  if (only === "yaml") return parse(inner as string);
  if (at === "type") return single((value as { value: string[] }).value);
  if (at === "items") return told(single((value as { schema: unknown[] }).schema));
  if (at === "additional_properties" || at === "schema_item") return told(inner);
  if (members.length === 1 && (transparent.has(only) || (places.has(only) && !Array.isArray(inner))))
    return told(inner);
  return Object.fromEntries(members.flatMap(([name, member]) => toldMember(name, member)));
}

function toldMember(name: string, member: unknown): [string, unknown][] {
  if (name === "security") return [[name, (member as Requirement[]).map(scopesOf)]];
  const lists = ["vendor_extension", "response_code", "additional_properties"];
  if (
    Array.isArray(member) &&
    (lists.includes(name) || (name === "path" && "value" in (member[0] as object)))
  )
    return (member as Named[]).map((one) => [one.name, told(one.value ?? {})]);
  const key = renamed[name] ?? name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  const isWrapped = name === "schema" && isSchemaItem(member);
  return [[key, told(member, isWrapped ? "schema_item" : name)]];
}

interface Requirement {
  readonly additional_properties: readonly {
    readonly name: string;
    readonly value?: { readonly value?: unknown[] };
  }[];
}

const scopesOf = ({ additional_properties }: Requirement): object =>
  Object.fromEntries(additional_properties.map(({ name, value }) => [name, value?.value ?? []]));

const isSchemaItem = (member: unknown): boolean =>
  Object.keys(member as object).every((name) => name === "schema" || name === "file_schema") &&
  Object.keys(member as object).length === 1;

const single = (list: readonly unknown[]): unknown => (list.length === 1 ? list[0] : list);
