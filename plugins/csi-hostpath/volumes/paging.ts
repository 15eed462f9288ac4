import { PluginError } from "@berth/sdk";

/**
 * One page of a list ordered by id. The token is the last id of the page before, so that entries that come and go in
 * between neither repeat nor hide others.
 */
export function page<T extends { id: string }>(
  items: readonly T[],
  request: { max_entries: number; starting_token: string },
): { entries: T[]; nextToken: string } {
  if (request.max_entries < 0) {
    throw new PluginError(
      "INVALID_ARGUMENT",
      `max_entries is ${request.max_entries}`,
      "Send 0 for no limit.",
    );
  }
  if (request.starting_token !== "" && !request.starting_token.startsWith("after:")) {
    throw new PluginError(
      "ABORTED",
      "starting_token is none of ours",
      "Start the list over without a token.",
    );
  }
  const after = request.starting_token.slice("after:".length);
  const rest = items.filter(({ id }) => id > after).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const entries = request.max_entries > 0 ? rest.slice(0, request.max_entries) : rest;
  const last = entries.at(-1);
  return { entries, nextToken: last && entries.length < rest.length ? `after:${last.id}` : "" };
}
