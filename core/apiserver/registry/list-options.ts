import { isTrue } from "../request/request-info.ts";
import { badRequest, invalid, type StatusCause } from "../request/status-error.ts";
import { requestedRevision } from "./requested-revision.ts";

export interface ParsedListOptions {
  /** "" or digits. */
  readonly resourceVersion: string;
  readonly match: "" | "Exact" | "NotOlderThan";
  readonly limit: number | undefined;
  readonly continueText: string;
  readonly sendInitialEvents: boolean;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

/** @throws StatusError 400 for what cannot be read, 422 for what does not go together */
export function parseListOptions(query: URLSearchParams, watch: boolean): ParsedListOptions {
  const resourceVersion = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  const continueText = query.get("continue") ?? "";
  const limit = integer(query, "limit") ?? 0;
  const timeout = integer(query, "timeoutSeconds");
  const initial = query.get("sendInitialEvents");
  const options = { resourceVersion, match, continueText, initial };
  const causes = watch ? watchCauses(options) : listCauses(options);
  if (causes.length > 0)
    throw invalid({ group: "meta.k8s.io", resource: "", kind: "ListOptions" }, "", causes);
  if (!watch && continueText !== "" && resourceVersion !== "" && resourceVersion !== "0")
    throw badRequest("specifying resource version is not allowed when using continue");
  requestedRevision(query);
  // Who has nothing yet asks for everything as if he had said so.
  const fromNothing = watch && match === "" && (resourceVersion === "" || resourceVersion === "0");
  return {
    resourceVersion,
    match: match as ParsedListOptions["match"],
    limit: limit > 0 ? limit : undefined,
    continueText,
    sendInitialEvents: initial === null ? fromNothing : isTrue(initial),
    bookmarks: isTrue(query.get("allowWatchBookmarks")),
    timeoutSeconds: timeout,
  };
}

interface Asked {
  readonly resourceVersion: string;
  readonly match: string;
  readonly continueText: string;
  readonly initial: string | null;
}

function listCauses({ resourceVersion, match, continueText, initial }: Asked): StatusCause[] {
  const causes: StatusCause[] = [];
  if (match !== "") {
    if (resourceVersion === "")
      causes.push(forbiddenMatch("is forbidden unless resourceVersion is provided"));
    if (continueText !== "") causes.push(forbiddenMatch("is forbidden when continue is provided"));
    if (match !== "Exact" && match !== "NotOlderThan")
      causes.push(unknownMatch(match, ["Exact", "NotOlderThan", ""]));
    if (match === "Exact" && resourceVersion === "0")
      causes.push(forbiddenMatch('"exact" is forbidden for resourceVersion "0"'));
  }
  if (initial !== null)
    causes.push(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  return causes;
}

function watchCauses({ match, continueText, initial }: Asked): StatusCause[] {
  const causes: StatusCause[] = [];
  if (initial !== null && match !== "NotOlderThan") {
    const why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    causes.push(forbidden("resourceVersionMatch", why));
  }
  if (continueText !== "") causes.push(forbiddenMatch("is forbidden when continue is provided"));
  if (match === "") return causes;
  if (initial === null)
    causes.push(forbiddenMatch("is forbidden for watch unless sendInitialEvents is provided"));
  if (match !== "NotOlderThan") causes.push(unknownMatch(match, ["NotOlderThan"]));
  return causes;
}

const forbidden = (field: string, why: string): StatusCause => ({
  reason: "FieldValueForbidden",
  message: `Forbidden: ${why}`,
  field,
});

const forbiddenMatch = (why: string): StatusCause =>
  forbidden("resourceVersionMatch", `resourceVersionMatch ${why}`);

const unknownMatch = (match: string, supported: readonly string[]): StatusCause => ({
  reason: "FieldValueNotSupported",
  message: `Unsupported value: ${JSON.stringify(match)}: supported values: ${supported.map((one) => `"${one}"`).join(", ")}`,
  field: "resourceVersionMatch",
});

export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const isNumber = /^[+-]?\d+$/.test(text);
  if (isNumber && BigInt(text.replace("+", "")) === BigInt.asIntN(64, BigInt(text.replace("+", ""))))
    return Number(text);
  const why = isNumber ? "value out of range" : "invalid syntax";
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
}
