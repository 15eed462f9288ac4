import { nearestName } from "@berth/base";
import type { ConfigSchema } from "@berth/verbs";

/** What is different in the configuration that a new version of a plugin takes, one line a key, as a diff. */
export function configChanges(before: ConfigSchema, after: ConfigSchema): string[] {
  const known = leaves(before);
  const wanted = leaves(after);
  const lines: string[] = [];
  for (const [key, text] of known) {
    const now = wanted.get(key);
    if (now === text) continue;
    if (now !== undefined) lines.push(`- ${key}: ${text}`, `+ ${key}: ${now}`);
    else lines.push(`- ${key}: ${text}${successor(key, known, wanted)}`);
  }
  for (const [key, text] of wanted) if (!known.has(key)) lines.push(`+ ${key}: ${text}`);
  return lines;
}

/** A key that is new in the other version and reads like this one. */
function successor(key: string, known: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>) {
  const fresh = [...wanted.keys()].filter((one) => !known.has(one));
  const near = nearestName(key, fresh);
  return near === undefined ? "" : `, perhaps now ${near}`;
}

/** Every key that holds a value, by its path, with its type and default. */
function leaves(schema: ConfigSchema, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const at = path === "" ? key : `${path}.${key}`;
    const inner = property.properties ? leaves(property, at) : new Map([[at, describe(property)]]);
    for (const [name, text] of inner) found.set(name, text);
  }
  return found;
}

function describe({ type, enum: choices, default: byDefault }: ConfigSchema): string {
  const kind = choices?.map((one) => JSON.stringify(one)).join("|") ?? type ?? "any";
  return byDefault === undefined ? kind : `${kind} = ${JSON.stringify(byDefault)}`;
}
