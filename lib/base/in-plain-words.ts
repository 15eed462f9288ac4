/** How some servers spell that a failure has no code of its own; the words after it are what they have to say. */
const noCode = /\brpc error: code = unknown desc = |\b2 unknown: /gi;
/** A link of the chain that says nothing. */
const noReason = /^unknown(?: (?:error|reason|cause|failure))?[.!]?$/i;

/**
 * A message as it is told to people: a chain of reasons, "a: b: c", in which nobody says again what another one said
 * before, and "Unknown" is no reason.
 */
export function inPlainWords(message: string): string {
  const links = message.replace(noCode, "").split(": ");
  const told: string[] = [];
  for (const link of links) {
    const key = keyOf(link);
    if (noReason.test(link.trim())) continue;
    const isRepeated = told.some(
      (other, at) => keyOf(other) === key && (key.includes(" ") || at === told.length - 1),
    );
    if (!isRepeated) told.push(link);
  }
  if (told.length === 0) return "no reason was given";
  return noReason.test(links.at(-1)?.trim() ?? "")
    ? `${told.join(": ")}: no reason was given`
    : told.join(": ");
}

function keyOf(link: string): string {
  return link.trim().toLowerCase();
}
