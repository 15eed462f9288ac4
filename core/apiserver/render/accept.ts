import { notAcceptable } from "../request/status-error.ts";

/** How a client wants objects: as they are, as a table, or their metadata alone. */
export interface OutputForm {
  readonly as: "object" | "table" | "metadata";
  /** Version of `meta.k8s.io` asked for. */
  readonly version: "v1" | "v1beta1";
  readonly encoding: "json" | "yaml";
}

const plain: OutputForm = { as: "object", version: "v1", encoding: "json" };

const jsonTypes: ReadonlySet<string> = new Set(["application/json", "*/*", "application/*"]);

/** The first entry of an Accept header that can be served. @throws StatusError 406 */
export function outputForm(accept: string | undefined): OutputForm {
  return firstServed(accept, ["json", "yaml"]);
}

/** Of a stream of events, which only JSON is good for. @throws StatusError 406 */
export function streamForm(accept: string | undefined): OutputForm {
  return firstServed(accept, ["json"]);
}

function firstServed(accept: string | undefined, encodings: readonly OutputForm["encoding"][]): OutputForm {
  if (accept === undefined || accept === "" || accept === "application/json") return plain;
  for (const entry of accept.split(",")) {
    const form = readEntry(entry);
    if (form && encodings.includes(form.encoding)) return form;
  }
  const known = encodings.map((one) => `application/${one}`).join(", ");
  throw notAcceptable(`only the following media types are accepted: ${known}`);
}

function readEntry(entry: string): OutputForm | undefined {
  const [type = "", ...parameters] = entry.split(";").map((part) => part.trim());
  const encoding = jsonTypes.has(type) ? "json" : type === "application/yaml" ? "yaml" : undefined;
  if (!encoding) return undefined;
  const options = new Map(parameters.map((one) => one.split("=", 2) as [string, string]));
  const as = options.get("as");
  if (as === undefined) return { ...plain, encoding };
  const version = options.get("v");
  if (options.get("g") !== "meta.k8s.io" || (version !== "v1" && version !== "v1beta1")) return undefined;
  if (as === "Table") return { as: "table", version, encoding };
  if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList")
    return { as: "metadata", version, encoding };
  return undefined;
}

/** Whether the answer may be compressed. */
export function acceptsGzip(header: string | undefined): boolean {
  return (header ?? "").split(",").some((one) => one.trim().split(";")[0] === "gzip");
}
