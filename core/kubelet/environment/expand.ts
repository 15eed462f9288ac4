/**
 * Replaces `$(NAME)` by its value; `$$(NAME)` stays as `$(NAME)`, a name nobody defined stays as written
 * (Kubernetes API, Container.command).
 */
export function expandVariables(text: string, lookup: (name: string) => string | undefined): string {
  let out = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char !== "$") {
      out += char;
      continue;
    }
    const next = text[at + 1];
    if (next === "$") {
      out += "$";
      at++;
      continue;
    }
    const end = next === "(" ? text.indexOf(")", at + 2) : -1;
    if (end < 0) {
      out += char;
      continue;
    }
    const name = text.slice(at + 2, end);
    out += lookup(name) ?? `$(${name})`;
    at = end;
  }
  return out;
}
