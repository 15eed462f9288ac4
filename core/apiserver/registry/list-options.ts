import { badRequest } from "../request/status-error.ts";

export interface ParsedListOptions {
  readonly resourceVersion: string;
  readonly match: "" | "Exact" | "NotOlderThan";
  readonly limit: number | undefined;
  readonly continueText: string;
  readonly sendInitialEvents: boolean | undefined;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

/** @throws StatusError 400 for what the API forbids */
export function parseListOptions(query: URLSearchParams, watch: boolean): ParsedListOptions {
  const resourceVersion = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  const continueText = query.get("continue") ?? "";
  const limit = wholeNumber(query, "limit");
  const initial = query.get("sendInitialEvents");
  if (resourceVersion !== "" && !/^\d{1,16}$/.test(resourceVersion))
    throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}: it is a number`);
  if (match !== "" && match !== "Exact" && match !== "NotOlderThan")
    throw badRequest(
      `resourceVersionMatch: Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan"`,
    );
  if (watch && initial !== null && match !== "NotOlderThan")
    throw badRequest(
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to "NotOlderThan"',
    );
  if (!watch && match !== "" && resourceVersion === "")
    throw badRequest(
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
    );
  if (!watch && match === "Exact" && resourceVersion === "0")
    throw badRequest(
      'resourceVersionMatch: Forbidden: resourceVersionMatch "Exact" is forbidden for resourceVersion "0"',
    );
  if (continueText !== "" && resourceVersion !== "" && resourceVersion !== "0")
    throw badRequest("specifying resource version is not allowed when using continue");
  return {
    resourceVersion,
    match,
    limit: limit === 0 ? undefined : limit,
    continueText,
    sendInitialEvents: initial === null ? undefined : initial === "true" || initial === "1",
    bookmarks: ["true", "1"].includes(query.get("allowWatchBookmarks") ?? ""),
    timeoutSeconds: wholeNumber(query, "timeoutSeconds"),
  };
}

export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: it is a whole number, 0 at the least`);
  return Number(text);
}
