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
import { badRequest } from "../request/status-error.ts";
import { asServed } from "./versions.ts";

/** What a list, a watch or a deletecollection is about. @throws BerthError BERTH_API_MALFORMED_SELECTOR, StatusError 400 */
export function selectionOf(kind: Kind, within: string, name: string, query: URLSearchParams): Selection {
  // The old path of a watch of one namespace names it as if it were in it.
  const namespace = kind.namespaced ? within : "";
  const labelText = query.get("labelSelector") ?? "";
  const fieldText = query.get("fieldSelector") ?? "";
  const labels = labelText === "" ? [] : parseLabelSelector(labelText);
  const fields = fieldText === "" ? [] : parseFieldSelector(kind, fieldText);
  const selected = selectedName(fields);
  if (name !== "" && fields.length > 0 && selected !== name)
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  const pinned = name === "" ? (selected ?? "") : name;
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
