import {
  type CustomResourceDefinition,
  formatFieldError,
  kinds,
  validateCreate,
} from "../../core/api/index.ts";

export const definitionKind = kinds.byKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")!;

/** A definition of Things that is right, but for what its spec says besides. */
export function thingDefinition(spec: object): CustomResourceDefinition {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "things", singular: "thing", kind: "Thing", listKind: "ThingList" },
      versions: [],
      ...spec,
    },
  };
}

/** The sentences with which it is refused. */
export function wrongIn(definition: CustomResourceDefinition): string[] {
  return validateCreate(definitionKind, definition).map(formatFieldError);
}
