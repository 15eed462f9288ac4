import { dirname, join, normalize } from "node:path/posix";
import { findImports, type ImportOccurrence } from "./imports.ts";
import { packageRules, type RoomRule, rooms } from "./layers.ts";

const workspaceFolders: Readonly<Record<string, string>> = {
  "@berth/base": "lib/base",
  "@berth/linux": "lib/linux",
  "@berth/verbs": "lib/verbs",
  "@berth/streaming": "lib/streaming",
  "@berth/containerd": "lib/containerd",
  "@berth/oci": "lib/oci",
  "@berth/cri": "lib/cri",
  "@berth/sqlite": "lib/sqlite",
  "@berth/proto": "proto",
  "@berth/sdk": "sdk",
  "@berth/conformance": "conformance",
  "@berth/core": "core",
};

/** Every forbidden import of one file, each as a sentence. `file` is relative to the repository root. */
export function checkLayers(file: string, source: string): string[] {
  return findImports(source).flatMap((found) => {
    const broken = violation(file, found);
    return broken ? [`${file}:${found.line}: imports "${found.specifier}": ${broken}`] : [];
  });
}

function violation(file: string, found: ImportOccurrence): string | undefined {
  const target = resolveInside(file, found.specifier);
  if (target === undefined) {
    const rule = packageRules.find((candidate) => candidate.name.test(found.specifier));
    return rule && !rule.allowed.test(file) ? rule.why : undefined;
  }
  const own = roomOf(file);
  if (!own) return undefined;
  if (isTestOf(file)) return undefined;
  if (within(target, folderOf(own.room, file))) return undefined;
  const allowed = own.may.some((entry) => {
    const [, typesOnly, pattern] = /^(types:)?(.*)$/.exec(entry)!;
    if (typesOnly && !found.typeOnly) return false;
    return matches(target, pattern!);
  });
  return allowed ? undefined : `${own.room} may import only ${own.may.join(", ") || "itself"}`;
}

/** A unit test may use what its room may use and any test support; the room rule is for the code that ships. */
function isTestOf(file: string): boolean {
  return file.endsWith(".test.ts");
}

function resolveInside(file: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return normalize(join(dirname(file), specifier));
  const parts = specifier.split("/");
  const name = parts.slice(0, 2).join("/");
  if (name.startsWith("@berth/plugin-")) return join("plugins", name.slice("@berth/plugin-".length));
  const folder = workspaceFolders[name];
  return folder === undefined ? undefined : join(folder, ...parts.slice(2));
}

function roomOf(file: string): RoomRule | undefined {
  return rooms.filter((rule) => matches(file, rule.room)).sort((a, b) => b.room.length - a.room.length)[0];
}

function folderOf(pattern: string, file: string): string {
  return file.split("/").slice(0, pattern.split("/").length).join("/");
}

function matches(path: string, pattern: string): boolean {
  const parts = path.split("/");
  return pattern.split("/").every((part, index) => part === "*" || part === parts[index]);
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
