import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/**
 * The counter is a program of its own that knows nothing of Berth's state: it reads /proc, cgroups, links, rules and
 * mounts. `before` writes a snapshot to a file, `after` compares with it.
 */
export class LeakCount {
  readonly #program: string;
  readonly #baseline: string;

  readonly #only: readonly string[];

  /** `only`: names and folders of ours; other things of the machine come and go meanwhile and are not counted. */
  constructor(root: string, baseline: string, only: readonly string[]) {
    this.#only = only.flatMap((word) => ["--only", word]);
    this.#program = join(root, "tools", "leak-count", "main.ts");
    this.#baseline = baseline;
  }

  async before(): Promise<void> {
    const { stdout } = await execa(process.execPath, [this.#program, "--json"]);
    await writeFile(this.#baseline, stdout, { mode: 0o600 });
  }

  /** The counter's own table, and whether nothing was left. */
  async after(): Promise<{ text: string; clean: boolean }> {
    const result = await execa(
      process.execPath,
      [this.#program, "--baseline", this.#baseline, ...this.#only],
      {
        reject: false,
      },
    );
    return { text: `${result.stdout}${result.stderr}`.trim(), clean: result.exitCode === 0 };
  }
}
