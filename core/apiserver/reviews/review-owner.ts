import { formatTime, type ManagedFieldsEntry, type NamedType, trackUpdate } from "../../api/index.ts";
import { fieldManagerOf } from "../registry/resource-handler.ts";
import type { ServerRequest } from "../request/request.ts";

/** Whose the fields of what is answered and not stored are: the caller's, who sent them. */
export function ownedBy(
  request: ServerRequest,
  { type, apiVersion }: NamedType,
  sent: object,
  now: number,
  subresource = "",
): { managedFields?: ManagedFieldsEntry[] } {
  const writer = { manager: fieldManagerOf(request), apiVersion, subresource, time: formatTime(now) };
  const managedFields = trackUpdate({
    type,
    before: {},
    after: sent as never,
    managedFields: undefined,
    writer,
  });
  return managedFields.length > 0 ? { managedFields } : {};
}
