export const definitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** A CustomResourceDefinition of Things, of one version unless its spec says otherwise. */
export function definition(
  group: string,
  schema: object | undefined,
  { spec = {}, version = {}, names = {}, metadata = {}, ...more }: Readonly<Record<string, object>> = {},
): Record<string, unknown> {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `things.${group}`, ...metadata },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: "things", kind: "Thing", ...names },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          ...(schema && { schema: { openAPIV3Schema: schema } }),
          ...version,
        },
      ],
      ...spec,
    },
    ...more,
  };
}

/** The schema of an object whose spec has these members. */
export function withSpec(properties: object, spec: object = {}, more: object = {}): object {
  return {
    type: "object",
    properties: { spec: { type: "object", properties, ...spec }, status: anything },
    ...more,
  };
}

export const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
