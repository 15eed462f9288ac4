const prefixes: Readonly<Record<string, string>> = {
  meta: "io.k8s.apimachinery.pkg.apis.",
  runtime: "io.k8s.apimachinery.pkg.",
  pkg: "io.k8s.apimachinery.",
  apiextensions: "io.k8s.apiextensions-apiserver.pkg.apis.",
  apiregistration: "io.k8s.kube-aggregator.pkg.apis.",
  audit: "io.k8s.apiserver.pkg.apis.",
  metrics: "io.k8s.metrics.pkg.apis.",
  berth: "dev.",
};

/** The name a type has in OpenAPI documents: `io.k8s.api.core.v1.Pod` of `core.v1.Pod`. */
export function openApiName(type: string): string {
  return (prefixes[type.split(".")[0]!] ?? "io.k8s.api.") + type;
}

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
const extensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

interface NamedBasic {
  readonly name: string;
  readonly schema: object;
  /** Where 2.0, which knows no choices, says it otherwise. */
  readonly v2?: object;
}

/** Basic types that OpenAPI documents name, and what stands under the name. */
export const namedBasics: Readonly<Record<string, NamedBasic>> = {
  quantity: {
    name: "io.k8s.apimachinery.pkg.api.resource.Quantity",
    schema: { oneOf: [{ type: "string" }, { type: "number" }] },
    v2: { type: "string" },
  },
  intstr: {
    name: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    schema: { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
    v2: { type: "string", format: "int-or-string" },
  },
  time: { name: `${meta}Time`, schema: { type: "string", format: "date-time" } },
  microtime: { name: `${meta}MicroTime`, schema: { type: "string", format: "date-time" } },
  duration: { name: `${meta}Duration`, schema: { type: "string" } },
  raw: { name: "io.k8s.apimachinery.pkg.runtime.RawExtension", schema: { type: "object" } },
  fieldsV1: { name: `${meta}FieldsV1`, schema: { type: "object" } },
  patch: { name: `${meta}Patch`, schema: { type: "object" } },
  any: { name: `${extensions}JSON`, schema: {} },
  schemaOrArray: { name: `${extensions}JSONSchemaPropsOrArray`, schema: {} },
  schemaOrBool: { name: `${extensions}JSONSchemaPropsOrBool`, schema: {} },
  schemaOrStrings: { name: `${extensions}JSONSchemaPropsOrStringArray`, schema: {} },
};

/** Basic types that are written where they are used. */
export const plainBasics: Readonly<Record<string, object>> = {
  string: { type: "string" },
  bytes: { type: "string", format: "byte" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  double: { type: "number", format: "double" },
  bool: { type: "boolean" },
  object: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
};
