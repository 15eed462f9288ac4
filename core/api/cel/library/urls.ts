import { CelRuntimeError } from "../cel-error.ts";
import { global, member, type Overload, traversal } from "../declarations.ts";
import { type CelValue, LiteralMap, Opaque } from "../values.ts";

class UrlValue extends Opaque {
  readonly celType = "kubernetes.URL";
  readonly text: string;
  /** Of a path alone, the base is invented. */
  readonly url: URL;
  readonly isPath: boolean;

  constructor(text: string, url: URL, isPath: boolean) {
    super();
    this.text = text;
    this.url = url;
    this.isPath = isPath;
  }

  equals(other: UrlValue): boolean {
    return this.text === other.text;
  }
}

/** Kubernetes' `url(…)`: an absolute URI or an absolute path. */
export function urlLibrary(): Overload[] {
  return [
    global("isURL(string): bool", (text: string) => parseUrl(text) !== undefined, traversal()),
    global(
      "url(string): kubernetes.URL",
      (text: string) => {
        const url = parseUrl(text);
        if (!url)
          throw new CelRuntimeError(
            `URL parse error during conversion from string: parse ${JSON.stringify(text.slice(0, 64))}: invalid URI for request`,
          );
        return url;
      },
      traversal(),
    ),
    global("string(kubernetes.URL): string", ({ text }: UrlValue) => text),
    member("kubernetes.URL.getScheme(): string", ({ url, isPath }: UrlValue) =>
      isPath ? "" : url.protocol.slice(0, -1),
    ),
    member("kubernetes.URL.getHost(): string", writtenHost),
    member("kubernetes.URL.getHostname(): string", ({ url, isPath }: UrlValue) =>
      isPath ? "" : url.hostname.replace(/^\[|\]$/g, ""),
    ),
    member(
      "kubernetes.URL.getPort(): string",
      (value: UrlValue) => /:(\d*)$/.exec(writtenHost(value))?.[1] ?? "",
    ),
    member("kubernetes.URL.getEscapedPath(): string", ({ url, text }: UrlValue) =>
      url.pathname === "/" && !/\/(?:[?#]|$)/.test(text) ? "" : url.pathname,
    ),
    member("kubernetes.URL.getQuery(): map<string, list<string>>", ({ url }: UrlValue) => {
      const entries = [...new Set(url.searchParams.keys())].map((name): [string, CelValue] => [
        name,
        url.searchParams.getAll(name),
      ]);
      return new LiteralMap(new Map(entries));
    }),
  ];
}

/** With the port as it was written: the URL class drops a scheme's usual one. */
function writtenHost({ text, isPath }: UrlValue): string {
  return isPath ? "" : (/^[^:]+:\/\/(?:[^@/?#]*@)?([^/?#]*)/.exec(text)?.[1] ?? "");
}

function parseUrl(text: string): UrlValue | undefined {
  const isPath = text.startsWith("/");
  if (/\s/.test(text) || (!isPath && !/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text))) return undefined;
  try {
    return new UrlValue(text, new URL(text, isPath ? "http://path.invalid" : undefined), isPath);
  } catch {
    return undefined;
  }
}
