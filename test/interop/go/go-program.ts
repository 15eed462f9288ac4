import { execFile, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const folder = join(import.meta.dirname, "../../../.build/interop-go");

/** A third party's program, built from the Go module proxy. */
export interface GoProgram {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  readonly package: string;
  /** It is a test binary. */
  readonly test?: true;
  /** Changes the copied sources before they are built. */
  readonly prepare?: (sources: string) => void;
}

export const hasGo = spawnSync("go", ["version"]).status === 0;

/** Path of the program, which is built once for each version. Throws what Go says. */
export async function buildGoProgram(program: GoProgram): Promise<string> {
  const output = join(folder, `${program.name}-${program.version}`);
  if (existsSync(output)) return output;
  mkdirSync(folder, { recursive: true });
  const sources = `${output}.sources`;
  try {
    const address = `${program.module}@${program.version}`;
    const { stdout } = await run("go", ["mod", "download", "-json", address], { cwd: folder });
    rmSync(sources, { recursive: true, force: true });
    // The module cache is read-only, and Go wants to complete its go.sum.
    cpSync((JSON.parse(stdout) as { Dir: string }).Dir, sources, { recursive: true });
    await run("chmod", ["-R", "u+w", sources]);
    program.prepare?.(sources);
    const verb = program.test ? ["test", "-c"] : ["build"];
    const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=mod" };
    await run("go", [...verb, "-o", output, program.package], { cwd: sources, env });
    return output;
  } finally {
    rmSync(sources, { recursive: true, force: true });
  }
}
