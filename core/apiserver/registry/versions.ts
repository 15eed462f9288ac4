import { eventFromCore, eventToCore, type JsonObject, type Kind, kinds, KindTable } from "../../api/index.ts";

/** Events have two groups and one home. Other kinds are stored as they are served. */
const eventView = "events.v1.Event";

export function isStoredForm(kind: Kind): boolean {
  return kind.type !== eventView;
}

/** A stored object as this kind's clients see it. */
export function asServed(kind: Kind, stored: JsonObject): JsonObject {
  return kind.type === eventView ? eventFromCore(stored) : stored;
}

/** What clients of this kind send, as it is stored. */
export function asStored(kind: Kind, served: JsonObject): JsonObject {
  return kind.type === eventView ? eventToCore(served) : served;
}

/** The kind under which objects of this kind are stored. */
export function storedKind(kind: Kind): Kind {
  return kind.type === eventView ? kinds.byKind("", "v1", "Event")! : kind;
}

/**
 * The kinds this server answers for: those served by default whose stored form it can show. A version that is stored
 * in another form needs a conversion, and is not offered without one.
 */
export function servedTable(table: KindTable): KindTable {
  const shown = (kind: Kind): boolean =>
    kind.storageVersion === undefined ||
    kind.storageVersion === kind.version ||
    kind.type === eventView ||
    // A version that is not served was never written here: what is left is stored as it is.
    !table.byResource(kind.group, kind.storageVersion, kind.resource)?.servedByDefault;
  return new KindTable(table.all().filter((kind) => kind.servedByDefault && shown(kind)));
}
