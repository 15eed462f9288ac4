import { execFile, execFileSync } from "node:child_process";
import { copyFile, cp, mkdtemp, rm } from "node:fs/promises";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import { diff, promisify } from "node:util";
import { withoutChance } from "./without-chance.ts";

const run = promisify(execFile);
const here = import.meta.dirname;

/**
 * What a user typed and saw. A line that begins with `$ ` is a command for bash, in a folder with the files beside the
 * transcripts; what it said follows. A line that begins with `#: ` is for readers, and `#: differs: WHY` before a
 * command says that our server lets it say something else.
 */
export interface Transcript {
  readonly name: string;
  /** Major and minor version of the kubectl that spoke; another one may word things in another way. */
  readonly kubectl: string;
  readonly steps: readonly Step[];
}

export interface Step {
  /** The lines above the command. */
  readonly remarks: readonly string[];
  readonly command: string;
  /** Without what is another one each time; the last line tells an exit status other than 0. */
  readonly said: string;
}

/** Of the kubectl on this machine, `1.32`. */
export function kubectlVersion(): string {
  const text = execFileSync("kubectl", ["version", "--client", "-o", "json"], { encoding: "utf8" });
  const { major, minor } = (JSON.parse(text) as { clientVersion: { major: string; minor: string } })
    .clientVersion;
  return `${major}.${Number.parseInt(minor, 10)}`;
}

const head = "#: recorded with kubectl ";
const fileOf = (name: string): string => join(here, `${name}.txt`);

export function readTranscripts(): Transcript[] {
  return globSync("*.txt", { cwd: here })
    .toSorted()
    .map((file) => {
      const [first = "", ...lines] = readFileSync(join(here, file), "utf8").trimEnd().split("\n");
      return { name: parse(file).name, kubectl: first.replace(head, ""), steps: parseSteps(lines) };
    });
}

function parseSteps(lines: readonly string[]): Step[] {
  const steps: { remarks: string[]; command: string; said: string[] }[] = [];
  let remarks: string[] = [];
  for (const line of lines) {
    if (line.startsWith("#: ")) remarks.push(line);
    else if (line.startsWith("$ ")) {
      steps.push({ remarks, command: line.slice(2), said: [] });
      remarks = [];
    } else steps.at(-1)?.said.push(line);
  }
  return steps.map(({ said, ...step }) => ({ ...step, said: said.join("\n") }));
}

export function writeTranscript({ name, kubectl, steps }: Transcript): void {
  const lines = steps.flatMap(({ remarks, command, said }) => [
    ...remarks,
    `$ ${command}`,
    ...(said === "" ? [] : [said]),
  ]);
  writeFileSync(fileOf(name), `${head}${kubectl}\n${lines.join("\n")}\n`);
}

/** Types the commands once more, as the user of `kubeconfig`. */
export async function perform(transcript: Transcript, kubeconfig: string): Promise<Transcript> {
  const folder = await mkdtemp(join(tmpdir(), "berth-transcript-"));
  try {
    await cp(join(here, "files"), folder, { recursive: true });
    // A user may choose a namespace in it.
    await copyFile(kubeconfig, join(folder, ".kubeconfig"));
    const env = {
      ...process.env,
      KUBECONFIG: join(folder, ".kubeconfig"),
      KUBECACHEDIR: join(folder, ".cache"),
      KUBECTL_EXTERNAL_DIFF: "diff -u",
      LC_ALL: "C.UTF-8",
      TZ: "UTC",
    };
    const performed: Step[] = [];
    for (const step of transcript.steps)
      performed.push({ ...step, said: withoutChance(await said(step.command, folder, env)) });
    return { ...transcript, kubectl: kubectlVersion(), steps: performed };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function said(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const options = { cwd, env, timeout: 60_000, maxBuffer: 1 << 26 };
  try {
    const running = run("bash", ["-c", `exec 2>&1; ${command}`], options);
    running.child.stdin?.end();
    return (await running).stdout;
  } catch (error) {
    const { code, signal, stdout } = error as { code: number | null; signal: string | null; stdout: string };
    return `${stdout.replace(/\n?$/, "\n")}[exit ${signal ?? code}]`;
  }
}

/** What ours let the commands say otherwise than the record; also what is marked as different and is not. */
export function differences(recorded: Transcript, ours: Transcript): string[] {
  return recorded.steps.flatMap(({ remarks, command, said: expected }, index) => {
    const found = ours.steps[index]!.said;
    const isKnown = remarks.some((remark) => remark.startsWith("#: differs: "));
    if (isKnown)
      return found === expected
        ? [`$ ${command}\nis answered alike: take out what says that it differs`]
        : [];
    return found === expected ? [] : [`$ ${command}\n${changed(expected, found)}`];
  });
}

/** The lines of the real server's alone, with -, and of ours alone, with +. */
function changed(real: string, ours: string): string {
  return diff(ours.split("\n"), real.split("\n"))
    .flatMap(([side, line]) => (side === 0 ? [] : [`${side > 0 ? "+" : "-"} ${line}`]))
    .join("\n");
}
