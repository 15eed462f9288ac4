import { BerthError } from "@berth/base";
import { badSource } from "../errors.ts";
import type { LoginText } from "./login-text.ts";

/**
 * What goes into the header Authorization for a registry, from a text as npm reads it: `//npm.example.com/path/:_authToken=TOKEN`,
 * or `:_auth=` and the base64 of USER:PASSWORD. In a file `${NAME}` stands for a variable of the environment. The longest path
 * that the registry is below counts; undefined when there is none. Throws {@link badSource}, which holds nothing of a login.
 */
export function npmAuthorization(logins: LoginText, registry: string): string | undefined {
  const place = `${registry.replace(/^https?:/, "").replace(/\/+$/, "")}/`;
  const [best] = logins.text
    .split("\n")
    .map((line) => /^\s*(\/\/\S+?\/?):(_authToken|_auth)\s*=\s*(.*?)\s*$/.exec(line))
    .filter((found) => found !== null)
    .map(([, at = "", key, value = ""]) => ({ at: at.endsWith("/") ? at : `${at}/`, key, value }))
    .filter(({ at }) => place.startsWith(at))
    .toSorted((a, b) => b.at.length - a.at.length);
  if (!best) return undefined;
  const value = best.value.replace(/^"(.*)"$/, "$1").replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    if (!logins.isOwn)
      throw new BerthError(badSource, `${logins.from} names \${${name}}; a Secret holds the login itself`);
    const known = process.env[name];
    if (known === undefined)
      throw new BerthError(badSource, `${logins.from} names \${${name}}, which is not in the environment`);
    return known;
  });
  return `${best.key === "_auth" ? "Basic" : "Bearer"} ${value}`;
}
