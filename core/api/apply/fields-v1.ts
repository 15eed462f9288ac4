import { isJsonObject, type JsonObject, setMember } from "../json/json-value.ts";
import { elementsOf, pathOf } from "./field-paths.ts";

/** Paths as `fieldsV1` nests them; `.` marks an item that is owned besides what is in it. */
export function toFieldsV1(paths: Iterable<string>): JsonObject {
  const root: JsonObject = {};
  for (const path of [...paths].sort()) {
    let node = root;
    const elements = elementsOf(path);
    for (const element of elements) {
      if (!Object.hasOwn(node, element)) setMember(node, element, {});
      node = node[element] as JsonObject;
    }
    if (elements.at(-1)?.startsWith("k:")) node["."] = {};
  }
  return root;
}

export function fromFieldsV1(fields: unknown): Set<string> {
  const paths = new Set<string>();
  const walk = (node: unknown, at: readonly string[]): void => {
    const names = isJsonObject(node) ? Object.keys(node) : [];
    if (at.length > 0 && names.length === 0) paths.add(pathOf(at));
    for (const name of names) {
      if (name !== ".") walk((node as JsonObject)[name], [...at, name]);
      else if (at.length > 0) paths.add(pathOf(at));
    }
  };
  walk(fields, []);
  return paths;
}

/** `.spec.containers[name="web"].image`, as conflicts are told. */
export function shownPath(path: string): string {
  return elementsOf(path).map(shownElement).join("");
}

function shownElement(element: string): string {
  const text = element.slice(2);
  if (element.startsWith("f:")) return `.${text}`;
  if (element.startsWith("v:")) return `[=${text}]`;
  const keys = Object.entries(JSON.parse(text) as JsonObject);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}]`;
}
