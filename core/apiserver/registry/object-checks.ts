import {
  applyDefaults,
  dropClosedFields,
  type FieldError,
  type Kind,
  validateCreate,
  validateUpdate,
} from "../../api/index.ts";
import { invalid } from "../request/status-error.ts";
import type { Draft } from "./object-meta.ts";

export function setDefaults(kind: Kind, object: Draft, isApplied = false): void {
  applyDefaults(kind, object, isApplied);
}

/**
 * What no gate lets in is taken from the object, which is not told of it.
 * @throws StatusError 422 with every wrong field
 */
export function checkNew(kind: Kind, object: Draft): void {
  dropClosedFields(kind, object);
  refuse(kind, object, validateCreate(kind, object));
}

/**
 * As {@link checkNew}.
 * @throws StatusError 422 with every wrong field
 */
export function checkChanged(
  kind: Kind,
  object: Draft,
  old: Draft,
  subresource: string,
  warnings: string[],
): void {
  dropClosedFields(kind, object, old);
  refuse(kind, object, validateUpdate(kind, object, old, subresource, warnings));
}

function refuse(kind: Kind, object: Draft, errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const name = object.metadata.name ?? object.metadata.generateName ?? "";
  throw invalid(
    kind,
    name,
    errors.map(({ field, reason, message }) => ({ reason, message, field })),
  );
}
