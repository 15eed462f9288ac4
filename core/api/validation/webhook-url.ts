import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";

const form = "; desired format: https://host[/path]";
const parts = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

/** Where a webhook is: https, a host and perhaps a path, and nothing that would tell it more. */
export function checkWebhookUrl(url: string, at: FieldPath, errors: FieldErrors): void {
  const [, scheme = "", authority = "", , query = "", fragment = ""] = parts.exec(url) ?? [];
  const end = authority.lastIndexOf("@");
  const [user, host] = [authority.slice(0, Math.max(end, 0)), authority.slice(end + 1)];
  const broken = problemOf(url, authority);
  if (broken !== undefined) return errors.required(at, `url must be a valid URL: ${broken}${form}`);
  if (scheme.toLowerCase() !== "https")
    errors.invalid(at, scheme.toLowerCase(), `'https' is the only allowed URL scheme${form}`);
  if (host === "") errors.invalid(at, host, `host must be specified${form}`);
  if (end >= 0) errors.invalid(at, user, "user information is not permitted in the URL");
  if (fragment) errors.invalid(at, fragment, "fragments are not permitted in the URL");
  if (query) errors.invalid(at, query, "query parameters are not permitted in the URL");
}

/** Why Go would not read it as an address, where it would not. */
function problemOf(url: string, authority: string): string | undefined {
  const shown = `parse ${JSON.stringify(url)}`;
  if (url.startsWith(":")) return `${shown}: missing protocol scheme`;
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(url)) return `${shown}: net/url: invalid control character in URL`;
  const port = /:([^:\]@]*)$/.exec(authority)?.[1];
  if (port !== undefined && !/^\d*$/.test(port)) return `${shown}: invalid port ":${port}" after host`;
  return URL.canParse(url, "https://host") || authority === "" ? undefined : `${shown}: invalid URL`;
}
