import { PluginError } from "@berth/sdk";

export function volumeNotFound(id: string): PluginError {
  return new PluginError(
    "NOT_FOUND",
    `there is no volume ${JSON.stringify(id)} on this node`,
    "It was deleted, or belongs to another node: provision it anew.",
  );
}

export function snapshotNotFound(id: string): PluginError {
  return new PluginError(
    "NOT_FOUND",
    `there is no snapshot ${JSON.stringify(id)}`,
    "It was deleted; take another.",
  );
}

/** Throws INVALID_ARGUMENT naming the field. */
export function needed(value: string, field: string): string {
  if (value !== "") return value;
  throw new PluginError("INVALID_ARGUMENT", `${field} is empty`, "Send it.");
}
