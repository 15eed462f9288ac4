import { type CustomResourceDefinition, formatTime, unknownFormats, versionsOf } from "../../api/index.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { Strategy } from "../registry/strategy.ts";
import { withCondition } from "./definition-status.ts";

/** Taken off when the definition's objects are gone. */
export const cleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

type Definition = CustomResourceDefinition;
const asDefinition = (draft: Draft): Definition => draft as unknown as Definition;

/** The server keeps account of the versions in which objects may lie in the store, and outlives its objects. */
export const definitionStrategy: Strategy = {
  demandsRevision: true,
  prepareForCreate(draft, { warnings }) {
    const definition = asDefinition(draft);
    warnings.push(...formatsOf(definition).map(unrecognized));
    definition.status = {
      conditions: null as unknown as [],
      acceptedNames: { plural: "", kind: "" },
      storedVersions: storageVersions(definition).slice(0, 1),
    };
  },
  prepareForUpdate(draft, old, { subresource, warnings }) {
    if (subresource !== "") return;
    const definition = asDefinition(draft);
    const known = formatsOf(asDefinition(old));
    warnings.push(
      ...formatsOf(definition)
        .filter((one) => !known.includes(one))
        .map(unrecognized),
    );
    const stored = definition.status?.storedVersions ?? [];
    const added = storageVersions(definition).filter((name) => !stored.includes(name));
    if (added.length > 0) definition.status = { ...definition.status, storedVersions: [...stored, ...added] };
  },
  deletesWithoutGrace: true,
  deletionBegun(draft) {
    const { metadata } = draft;
    metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), cleanupFinalizer])];
    const definition = asDefinition(draft);
    definition.status = {
      ...definition.status,
      conditions: withCondition(definition.status?.conditions ?? [], {
        type: "Terminating",
        status: "True",
        reason: "InstanceDeletionPending",
        message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
        lastTransitionTime: metadata.deletionTimestamp ?? formatTime(0),
      }),
    };
  },
};

const unrecognized = (format: string): string => `unrecognized format ${JSON.stringify(format)}`;

function formatsOf(definition: Definition): string[] {
  return versionsOf(definition).flatMap(({ schema }) =>
    schema?.openAPIV3Schema ? unknownFormats(schema.openAPIV3Schema) : [],
  );
}

function storageVersions(definition: Definition): string[] {
  return versionsOf(definition)
    .filter(({ storage }) => storage)
    .map(({ name }) => name);
}
