import { BerthError } from "@berth/base";
import { badSource } from "../errors.ts";
import { readLoginFile } from "./read-login-file.ts";

/**
 * What goes into the header Authorization for a registry, from a file as npm reads it: `//npm.example.com/path/:_authToken=TOKEN`,
 * or `:_auth=` and the base64 of USER:PASSWORD. `${NAME}` stands for a variable of the environment. The longest path that the
 * registry is below counts; undefined when there is none. Rejects with {@link badSource}, which holds nothing of a login.
 */
export async function npmAuthorization(file: string, registry: string): Promise<string | undefined> {
  const text = await readLoginFile(file, "--npmrc");
  const place = `${registry.replace(/^https?:/, "").replace(/\/+$/, "")}/`;
  const [best] = text
    .split("\n")
    .map((line) => /^\s*(\/\/\S+?\/?):(_authToken|_auth)\s*=\s*(.*?)\s*$/.exec(line))
    .filter((found) => found !== null)
    .map(([, at = "", key, value = ""]) => ({ at: at.endsWith("/") ? at : `${at}/`, key, value }))
    .filter(({ at }) => place.startsWith(at))
    .toSorted((a, b) => b.at.length - a.at.length);
  if (!best) return undefined;
  const value = best.value.replace(/^"(.*)"$/, "$1").replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const known = process.env[name];
    if (known === undefined)
      throw new BerthError(badSource, `${file} names \${${name}}, which is not in the environment`);
    return known;
  });
  return `${best.key === "_auth" ? "Basic" : "Bearer"} ${value}`;
}
