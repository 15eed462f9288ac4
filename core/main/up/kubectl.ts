import { execa } from "execa";

/** A kubectl command that failed: what it said, and what was asked. */
export class KubectlError extends Error {
  readonly stderr: string;

  constructor(args: readonly string[], stderr: string) {
    super(`kubectl ${args.join(" ")}: ${stderr.trim().split("\n").at(-1) || "failed without a word"}`);
    this.name = "KubectlError";
    this.stderr = stderr;
  }
}

/** The real kubectl, pointed at one API server. */
export class Kubectl {
  readonly #kubeconfig: string;

  constructor(kubeconfig: string) {
    this.#kubeconfig = kubeconfig;
  }

  /** Standard output; rejects with {@link KubectlError}. `input` becomes standard input. */
  async run(args: readonly string[], options: { input?: string; timeoutMs?: number } = {}): Promise<string> {
    const result = await execa("kubectl", [`--kubeconfig=${this.#kubeconfig}`, ...args], {
      input: options.input ?? "",
      reject: false,
      timeout: options.timeoutMs ?? 120_000,
    });
    if (result.exitCode !== 0) throw new KubectlError(args, result.stderr || result.shortMessage || "");
    return result.stdout;
  }

  async json<T>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.run([...args, "-o", "json"])) as T;
  }

  apply(yaml: string): Promise<string> {
    return this.run(["apply", "-f", "-"], { input: yaml });
  }

  /** `condition` as kubectl wait writes it: `condition=Ready`, `delete`, `jsonpath={.status.phase}=Bound`. */
  async wait(resource: string, condition: string, seconds = 90): Promise<void> {
    await this.run(["wait", resource, `--for=${condition}`, `--timeout=${seconds}s`], {
      timeoutMs: (seconds + 10) * 1000,
    });
  }

  /** Reads a pod's log until it contains `text`, following it; rejects after `seconds` with what was there instead. */
  async logsUntil(
    pod: string,
    text: string,
    options: { container?: string; seconds?: number } = {},
  ): Promise<string> {
    const args = ["logs", "-f", pod, ...(options.container ? ["-c", options.container] : [])];
    const seconds = options.seconds ?? 60;
    const child = execa("kubectl", [`--kubeconfig=${this.#kubeconfig}`, ...args], {
      reject: false,
      timeout: seconds * 1000,
      stdin: "ignore",
    });
    let seen = "";
    for await (const line of child) {
      seen += `${line}\n`;
      if (seen.includes(text)) {
        child.kill();
        return seen;
      }
    }
    const result = await child;
    throw new KubectlError(
      args,
      `"${text}" did not appear within ${seconds} s; the log reads: ${seen}${result.stderr}`,
    );
  }
}
