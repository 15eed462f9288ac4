import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type CheckedBlock, readBlocks } from "./read-blocks.ts";

/** Nothing that a page lets a reader wait for takes longer, on a machine that does much else too. */
const ceilingMs = 120_000;

/** Plays the reader of some pages, one after another, in the folder the process is in. Rejects at the first thing that is not as written. */
export async function runPages(pages: readonly string[], say: (line: string) => void): Promise<void> {
  const reader: Reader = { prepared: "", terminals: new Map() };
  try {
    for (const page of pages) await runPage(page, reader, say);
  } finally {
    for (const terminal of [...reader.terminals.values()].toReversed()) await terminal.interrupt();
  }
}

interface Reader {
  /** What every new terminal begins with. */
  prepared: string;
  /** Those in which something stays, by the name it has in the page. */
  readonly terminals: Map<string, Terminal>;
}

async function runPage(page: string, reader: Reader, say: (line: string) => void): Promise<void> {
  const { terminals } = reader;
  for (const block of readBlocks(readFileSync(page, "utf8"))) {
    const where = `${basename(page)}:${block.line}`;
    if ("interrupts" in block) {
      const code = await terminals.get(block.interrupts)?.interrupt();
      terminals.delete(block.interrupts);
      if (code !== 0) throw new Error(`${where}: after Ctrl-C ${block.interrupts} ends with ${code}, not 0`);
      continue;
    }
    if (block.everyTerminal) reader.prepared += `${block.script}\n`;
    const began = performance.now();
    const terminal = new Terminal(`set -e\n${reader.prepared}${block.everyTerminal ? "" : block.script}\n`);
    await (block.stays === undefined ? toItsEnd(terminal, where) : shows(terminal, block, where));
    if (block.stays !== undefined) terminals.set(block.stays, terminal);
    say(`${where}: ${((performance.now() - began) / 1000).toFixed(1)} s\n${terminal.text}`);
  }
}

async function toItsEnd(terminal: Terminal, where: string): Promise<void> {
  const code = await terminal.end(ceilingMs);
  if (code !== 0) throw new Error(`${where}: ends with ${code ?? "a signal"}\n${terminal.text}`);
}

async function shows(terminal: Terminal, { until = "" }: CheckedBlock, where: string): Promise<void> {
  if (!(await terminal.shows(until, ceilingMs)))
    throw new Error(`${where}: does not say "${until}"\n${terminal.text}`);
}

/** A shell with a script, and what it has printed. */
class Terminal {
  text = "";
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #changed = Promise.withResolvers<void>();

  constructor(script: string) {
    // A session of its own, as a terminal gives: Ctrl-C reaches all of it.
    this.#child = spawn("bash", ["-c", script], { stdio: ["ignore", "pipe", "pipe"], detached: true });
    this.#exit = once(this.#child, "exit");
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.text += text;
        this.#wake();
      });
    void this.#exit.then(() => this.#wake());
  }

  async end(ms: number): Promise<number | null> {
    await Promise.race([this.#exit, late(ms)]);
    const { exitCode } = this.#child;
    if (exitCode === null) this.#signal("SIGKILL");
    return exitCode;
  }

  /** False: it ended, or the time is over, before it did. */
  async shows(words: string, ms: number): Promise<boolean> {
    const over = late(ms);
    let isOver = false;
    void over.then(() => (isOver = true));
    while (!this.text.includes(words)) {
      if (isOver || this.#child.exitCode !== null) return false;
      await Promise.race([this.#changed.promise, over]);
    }
    return true;
  }

  async interrupt(): Promise<number | null> {
    this.#signal("SIGINT");
    return this.end(ceilingMs);
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    process.kill(-this.#child.pid!, signal);
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function late(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
