import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { errorCatalogue } from "@berth/base";
import { listSources } from "../check/list-sources.ts";

/** The text of docs/errors.md: every error that a source of ours defines, by code. */
export async function renderErrorCatalogue(root: string): Promise<string> {
  for (const file of listSources(root)) {
    if (file.endsWith(".test.ts") || file.startsWith("test/")) continue;
    if (!readFileSync(join(root, file), "utf8").includes("BerthError.define({")) continue;
    await import(pathToFileURL(join(root, file)).href);
  }
  const rows = [...errorCatalogue.values()]
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(
      ({ code, grpc, http, next }) => `| \`${code}\` | ${grpc} | ${http} | ${next.replaceAll("|", "\\|")} |`,
    );
  return [
    "# Errors",
    "",
    "Every error of Berth has a permanent code. The sentence that comes with it names what failed and why; this table",
    "says how it crosses a socket, with which HTTP status the API answers it, and what to do next. It is generated",
    "by `npm run docs`.",
    "",
    "| code | gRPC | HTTP | what to do next |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
