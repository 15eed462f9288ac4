import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { emptyTally, type Tally } from "./tally.ts";

interface Spec {
  readonly LeafNodeType: string;
  readonly ContainerHierarchyTexts: readonly string[] | null;
  readonly LeafNodeText: string;
  readonly State: string;
  readonly Failure?: { readonly Message: string };
}

/** Runs a program made with Ginkgo and reads its report. Throws when it left none. */
export async function runGinkgo(
  program: string,
  args: readonly string[],
  options: { folder: string; skip?: readonly string[]; focus?: string; minutes?: number },
): Promise<Tally> {
  const report = join(options.folder, "report.json");
  const skips = (options.skip ?? []).map((pattern) => `--ginkgo.skip=${pattern}`);
  const focus = options.focus === undefined ? [] : [`--ginkgo.focus=${options.focus}`];
  const log = openSync(join(options.folder, "suite.log"), "w");
  const child = spawn(
    program,
    [
      ...args,
      ...skips,
      ...focus,
      `--ginkgo.json-report=${report}`,
      "--ginkgo.seed=1",
      `--ginkgo.timeout=${options.minutes ?? 5}m`,
    ],
    {
      cwd: options.folder,
      stdio: ["ignore", log, log],
    },
  );
  closeSync(log);
  await once(child, "exit");
  const suites = JSON.parse(readFileSync(report, "utf8")) as { SpecReports: readonly Spec[] }[];
  const tally = emptyTally();
  for (const spec of suites.flatMap(({ SpecReports }) => SpecReports)) {
    const name = [...(spec.ContainerHierarchyTexts ?? []), spec.LeafNodeText].join(" ");
    const isCase = spec.LeafNodeType === "It";
    if (spec.State === "passed") tally.passed += isCase ? 1 : 0;
    else if (spec.State === "skipped" || spec.State === "pending") tally.skipped.push(name);
    else tally.failed.push({ name: name || spec.LeafNodeType, why: spec.Failure?.Message ?? spec.State });
  }
  return tally;
}
