import type { Exchange } from "../../exchange.ts";
import { configMap, configMaps } from "../reads/requests.ts";

/** A watch that is left after so many lines, or after seconds in which they should have come. */
export function watch(
  path: string,
  lines: number,
  during: readonly Exchange[] = [],
  accept?: string,
): Exchange {
  const query = path.includes("?") ? "&" : "?";
  return {
    path: `${path}${path.includes("/watch/") ? query : `${query}watch=1&`}timeoutSeconds=5`,
    lines,
    during,
    ...(accept !== undefined && { headers: { accept } }),
  };
}

type Labels = Record<string, string>;

export const make = (name: string, labels?: Labels, path = configMaps): Exchange => ({
  path,
  body: configMap(name, labels),
});
export const replace = (name: string, labels?: Labels): Exchange => ({
  method: "PUT",
  path: `${configMaps}/${name}`,
  body: configMap(name, labels),
});
export const merge = (path: string, body: object): Exchange => ({
  method: "PATCH",
  path,
  body,
  type: "application/merge-patch+json",
});
export const remove = (path: string, body?: object): Exchange => ({
  method: "DELETE",
  path,
  ...(body && { body }),
});
