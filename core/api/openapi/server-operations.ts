import type { Kind } from "../kinds/kind.ts";
import { type Operation, wordOf } from "./operations.ts";

const forms = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

/** What a server tells of itself, beside its objects: by the path, without the slash at its end. */
export function serverOperations(kinds: readonly Kind[]): ReadonlyMap<string, Operation> {
  const found = new Map<string, Operation>();
  const put = (path: string, id: string, tag: string, answer: string, written = forms): void => {
    found.set(path, {
      method: "get",
      id: `get${id}`,
      tag,
      parameters: [],
      answer,
      forms: written,
      statuses: ["200"],
    });
  };
  const issuer = "ServiceAccountIssuerOpenID";
  put("/.well-known/openid-configuration", `${issuer}Configuration`, "WellKnown", "string", [forms[0]!]);
  put("/api", "CoreAPIVersions", "core", "meta.v1.APIVersions");
  put("/apis", "APIVersions", "apis", "meta.v1.APIGroupList");
  for (const group of new Set(kinds.filter(({ custom }) => !custom).map((kind) => kind.group))) {
    const word = wordOf(group);
    const id = `${word[0]!.toUpperCase()}${word.slice(1)}APIGroup`;
    if (group !== "") put(`/apis/${group}`, id, word, "meta.v1.APIGroup");
  }
  put("/openid/v1/jwks", `${issuer}Keyset`, "openid", "string", ["application/jwk-set+json"]);
  put("/version", "CodeVersion", "version", "pkg.version.Info", [forms[0]!]);
  return found;
}
