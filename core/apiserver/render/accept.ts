import type { ServerRequest } from "../request/request.ts";
import { notAcceptable } from "../request/status-error.ts";

/** How a client wants objects: as they are, as a table, or their metadata alone. */
export interface OutputForm {
  readonly as: "object" | "table" | "metadata" | "metadata-list";
  /** Version of `meta.k8s.io` asked for. */
  readonly version: "v1" | "v1beta1";
  readonly encoding: "json" | "yaml";
}

const plain: OutputForm = { as: "object", version: "v1", encoding: "json" };

const jsonTypes: ReadonlySet<string> = new Set(["application/json", "*/*", "application/*"]);

/** The best entry of an Accept header that can be served. @throws StatusError 406 */
export function outputForm(accept: string | undefined): OutputForm {
  return firstServed(accept, ["json", "yaml"]);
}

/** Of what nobody keeps, as a review, there are no tables. @throws StatusError 406 */
export function untabledForm(accept: string | undefined): OutputForm {
  return firstServed(accept, ["json", "yaml"], ({ as }) => as !== "table");
}

/** Of a stream of events, which only JSON is good for. @throws StatusError 406 */
export function streamForm(accept: string | undefined): OutputForm {
  return firstServed(accept, ["json"], () => true, ";stream=watch");
}

/** Whether one who is refused is told so in YAML. */
export function isYamlWanted(accept: string | undefined): boolean {
  if (!accept?.includes("yaml")) return false;
  const form = byPreference(accept).map(readEntry).find(Boolean);
  return form?.encoding === "yaml";
}

function firstServed(
  accept: string | undefined,
  encodings: readonly OutputForm["encoding"][],
  serves: (form: OutputForm) => boolean = () => true,
  ending = "",
): OutputForm {
  if (accept === undefined || accept === "" || accept === "application/json") return plain;
  if (!isNamed(accept)) throw notAcceptable(available, {});
  for (const entry of byPreference(accept)) {
    const form = readEntry(entry);
    if (form && encodings.includes(form.encoding) && serves(form)) return form;
  }
  const known = encodings.map((one) => `application/${one}${ending}`).join(", ");
  throw notAcceptable(`only the following media types are accepted: ${known}`);
}

/** Of all that is open, only everything is taken; and nothing but the type itself is looked at here. */
function isNamed(accept: string): boolean {
  return accept.split(",").some((entry) => namedTypes.has(entry.split(";")[0]!.trim()));
}

const namedTypes: ReadonlySet<string> = new Set(["application/json", "application/yaml", "*/*"]);
const available = "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml";

/** The entries of greatest `q` first, and of these the ones that leave least open; clients list what they want in order. */
function byPreference(accept: string): string[] {
  const entries = accept.split(",");
  if (!/;\s*q=|\*/.test(accept)) return entries;
  const rank = (entry: string): number => {
    const q = /;\s*q=([\d.]+)/.exec(entry)?.[1];
    const open = /^\s*\*/.test(entry) ? 2 : /^[^;]*\/\*/.test(entry) ? 1 : 0;
    return (q === undefined ? 1 : Number(q) || 0) * 10 - open;
  };
  return entries.toSorted((a, b) => rank(b) - rank(a));
}

function readEntry(entry: string): OutputForm | undefined {
  const [type = "", ...parameters] = entry.split(";").map((part) => part.trim());
  const encoding = jsonTypes.has(type) ? "json" : type === "application/yaml" ? "yaml" : undefined;
  if (!encoding) return undefined;
  const options = new Map(parameters.map((one) => one.split("=", 2) as [string, string]));
  if ((options.get("stream") || "watch") !== "watch") return undefined;
  const as = options.get("as");
  const version = options.get("v");
  if (as === undefined && version === undefined && !options.has("g")) return { ...plain, encoding };
  if (options.get("g") !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) return undefined;
  if (as === "Table") return { as: "table", version, encoding };
  if (as === "PartialObjectMetadata") return { as: "metadata", version, encoding };
  if (as === "PartialObjectMetadataList") return { as: "metadata-list", version, encoding };
  return undefined;
}

/** Whether somebody reads the answer as it is: `?pretty` says so, or else what asks. */
export function wantsIndented({ headers, query }: Pick<ServerRequest, "headers" | "query">): boolean {
  const asked = query.get("pretty");
  if (asked !== null && asked !== "") return /^(1|t|true)$/i.test(asked);
  return readByPeople(headers);
}

/** Browsers and tools of the command line. */
export function readByPeople(headers: ServerRequest["headers"]): boolean {
  return /^(curl|Wget|Mozilla\/5\.0)/.test(headers["user-agent"] ?? "");
}

/** Whether the answer may be compressed. */
export function acceptsGzip(header: string | undefined): boolean {
  return (header ?? "").split(",").some((one) => one.trim().split(";")[0] === "gzip");
}
