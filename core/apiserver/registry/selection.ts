import {
  type JsonObject,
  type Kind,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
  selectableFields,
  selectedName,
} from "../../api/index.ts";
import type { FieldsOf } from "../cache/cached-object.ts";
import type { Selection } from "../cache/watch.ts";
import { asServed } from "./versions.ts";

/** What a list, a watch or a deletecollection is about. @throws BerthError BERTH_API_MALFORMED_SELECTOR */
export function selectionOf(kind: Kind, namespace: string, name: string, query: URLSearchParams): Selection {
  const labelText = query.get("labelSelector") ?? "";
  const fieldText = query.get("fieldSelector") ?? "";
  const labels = labelText === "" ? [] : parseLabelSelector(labelText);
  const fields = fieldText === "" ? [] : parseFieldSelector(kind, fieldText);
  const pinned = name === "" ? (selectedName(fields) ?? "") : name;
  if (labels.length === 0 && fields.length === 0) return { namespace, name: pinned };
  const fieldsOf = fieldsReader(kind);
  return {
    namespace,
    name: pinned,
    matches: (object) => {
      // Two types may be views of one stored kind, each with fields of its own.
      const one = object.selectable(kind.type, fieldsOf);
      return (
        matchesLabels(labels, one.labels) &&
        fields.every(({ field, equal, value }) => (one.fields[field] === value) === equal)
      );
    },
  };
}

function fieldsReader(kind: Kind): FieldsOf {
  const readers = [...selectableFields(kind)];
  return (object) => {
    const seen = asServed(kind, object as JsonObject);
    return Object.fromEntries(readers.map(([field, read]) => [field, read(seen)]));
  };
}
