import { dnsSubdomainRule } from "../../api/index.ts";

const pathOfKey = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;

/** Why nobody may be impersonated with this by a constrained right; undefined when it is fit. */
export function extraProblem(extra: Readonly<Record<string, readonly string[]>>): string | undefined {
  for (const [key, values] of Object.entries(extra)) {
    const problem = keyProblem(key) ?? valuesProblem(values);
    if (problem !== undefined) return `impersonating ${problem}`;
  }
  return undefined;
}

function keyProblem(key: string): string | undefined {
  if (key === "") return "the empty string key in extra is not allowed";
  const wrong = pathProblems(key);
  if (wrong.length === 0)
    return key === key.toLowerCase()
      ? undefined
      : `a non-lowercase key in extra is not allowed: ${JSON.stringify(key)}`;
  const all = wrong.map(([value, why]) => `extra.key: Invalid value: ${JSON.stringify(value)}: ${why}`);
  return `an invalid key in extra is not allowed: ${all.length > 1 ? `[${all.join(", ")}]` : all.join("")}`;
}

/** What is wrong with `domain/path`, each with the part that it is about. */
function pathProblems(key: string): (readonly [part: string, why: string])[] {
  const slash = key.indexOf("/");
  const [host, path] = [key.slice(0, Math.max(slash, 0)), key.slice(slash + 1)];
  if (host === "" || path === "") return [[key, 'must be a domain-prefixed path (such as "acme.io/foo")']];
  const wrong = dnsSubdomainRule(host).map((why) => [host, why] as const);
  if (pathOfKey.test(path)) return wrong;
  return [
    ...wrong,
    [
      path,
      `Invalid path (regex used for validation is '${pathOfKey.source.slice(1, -1).replace("\\-", "-")}')`,
    ],
  ];
}

function valuesProblem(values: readonly string[]): string | undefined {
  if (values.length === 0) return "empty values in extra is not allowed";
  return values.includes("") ? "the empty string value in extra is not allowed" : undefined;
}
