import { globSync } from "node:fs";

const folders = ["core", "lib", "sdk", "conformance", "plugins", "proto", "test", "tools", "examples"];

/** TypeScript sources written by hand, relative to the root, sorted. */
export function listSources(root: string): string[] {
  return globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: root, exclude: (name) => /(^|\/)(node_modules|generated|dist|fixtures)(\/|$)/.test(name) },
  ).sort();
}
