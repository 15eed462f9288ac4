import { eventFromCore, eventToCore, type JsonObject, type Kind, kinds } from "../../api/index.ts";

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
