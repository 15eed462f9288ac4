/** A shell block of a page that is to be run as it stands. */
export interface CheckedBlock {
  /** Line of the page, from 1. */
  readonly line: number;
  readonly script: string;
  /** A terminal of its own in which it stays, by this name; undefined: it runs to its end. */
  readonly stays: string | undefined;
  /** What its terminal shows before the reader goes on. */
  readonly until: string | undefined;
  /** What every terminal of the page is prepared with. */
  readonly everyTerminal: boolean;
}

/** Ctrl-C in a terminal that stays. */
export interface Interruption {
  readonly line: number;
  readonly interrupts: string;
}

const opening = /^```sh checked(.*)$/;
const interruption = /^<!-- checked: Ctrl-C (\S+) -->$/;

/**
 * What a reader of a Markdown page types, in order. Blocks that open with "```sh checked" are run; behind that may stand
 * `stays=NAME until="WORDS"` or `every-terminal`. A comment `<!-- checked: Ctrl-C NAME -->` ends what stays.
 */
export function readBlocks(markdown: string): (CheckedBlock | Interruption)[] {
  const lines = markdown.split("\n");
  const found: (CheckedBlock | Interruption)[] = [];
  for (let at = 0; at < lines.length; at++) {
    const interrupts = interruption.exec(lines[at]!)?.[1];
    if (interrupts !== undefined) found.push({ line: at + 1, interrupts });
    const words = opening.exec(lines[at]!)?.[1];
    if (words === undefined) continue;
    const end = lines.indexOf("```", at);
    if (end < 0) throw new Error(`line ${at + 1}: the block does not end`);
    found.push({
      line: at + 1,
      script: lines
        .slice(at + 1, end)
        .map(withStatus)
        .join("\n"),
      stays: /\bstays=(\S+)/.exec(words)?.[1],
      until: /\buntil="([^"]*)"/.exec(words)?.[1],
      everyTerminal: /\bevery-terminal\b/.test(words),
    });
    at = end;
  }
  return found;
}

/** A line whose comment begins with "exit status N" must end so; every other one with 0. */
function withStatus(line: string): string {
  const [, command, status] = /^(.*\S)\s+# exit status (\d+)/.exec(line) ?? [];
  if (command === undefined) return line;
  return `status=0; ${command} || status=$?; [ $status = ${status} ] || { echo "exit status $status, not ${status}"; exit 1; }`;
}
