import {
  autoscalerToV1,
  autoscalerToV2,
  eventFromCore,
  eventToCore,
  type JsonObject,
  type Kind,
  kinds,
  KindTable,
} from "../../api/index.ts";

/** A kind that is stored as another one. */
interface View {
  /** The kind it is stored as. */
  readonly home: Kind;
  readonly fromStored: (stored: JsonObject) => JsonObject;
  readonly toStored: (served: JsonObject) => JsonObject;
}

/** By the type of what clients see; all other kinds are stored as they are served. */
const views: ReadonlyMap<string, View> = new Map([
  [
    "events.v1.Event",
    { home: kinds.byKind("", "v1", "Event")!, fromStored: eventFromCore, toStored: eventToCore },
  ],
  [
    "autoscaling.v1.HorizontalPodAutoscaler",
    {
      home: kinds.byKind("autoscaling", "v2", "HorizontalPodAutoscaler")!,
      fromStored: autoscalerToV1,
      toStored: autoscalerToV2,
    },
  ],
]);

export function isStoredForm(kind: Kind): boolean {
  return !views.has(kind.type);
}

/** A stored object as this kind's clients see it. */
export function asServed(kind: Kind, stored: JsonObject): JsonObject {
  return views.get(kind.type)?.fromStored(stored) ?? stored;
}

/** What clients of this kind send, as it is stored. */
export function asStored(kind: Kind, served: JsonObject): JsonObject {
  return views.get(kind.type)?.toStored(served) ?? served;
}

/** The kinds under which the same objects are served. */
export function servedWith(kind: Kind, table: KindTable): Kind[] {
  const home = storedKind(kind);
  const related = [home.type, ...[...views].filter(([, view]) => view.home === home).map(([type]) => type)];
  return related.length === 1
    ? []
    : table.all().filter(({ type }) => type !== kind.type && related.includes(type));
}

/** The kind under which objects of this kind are stored. */
export function storedKind(kind: Kind): Kind {
  return views.get(kind.type)?.home ?? kind;
}

/**
 * The kinds this server answers for: those served by default whose stored form it can show. A version that is stored
 * in another form needs a conversion, and is not offered without one.
 */
export function servedTable(table: KindTable): KindTable {
  const shown = (kind: Kind): boolean =>
    kind.storageVersion === undefined ||
    kind.storageVersion === kind.version ||
    views.has(kind.type) ||
    // A version that is not served was never written here: what is left is stored as it is.
    !table.byResource(kind.group, kind.storageVersion, kind.resource)?.servedByDefault;
  return new KindTable(table.all().filter((kind) => kind.servedByDefault && shown(kind)));
}
