import { columnDescriptionsText } from "../generated/column-descriptions.ts";
import type { Column } from "../kinds/kind.ts";

let descriptions: Readonly<Record<string, string>> | undefined;

/** What a table says of a column: the documentation of the field that it shows, or a sentence of its own. */
export function columnDescription({ description, documentedBy }: Column): string {
  if (documentedBy === undefined) return description ?? "";
  descriptions ??= JSON.parse(columnDescriptionsText) as Record<string, string>;
  return descriptions[documentedBy] ?? "";
}
