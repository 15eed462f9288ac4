import type { Command } from "commander";
import { expect, test } from "vitest";
import { type CliContext, createProgram } from "../cli/index.ts";
import { commands } from "./commands.ts";

/** They run until they are ended, or say one sentence, or print what another program is to read. */
const withoutOutput = [
  "up",
  "start",
  "plugin logs",
  "plugin pin",
  "plugin dev",
  "store export",
  "store import",
  "store check",
  "store compact",
  "store encrypt",
  "certs renew",
];

const context: CliContext = {
  print: () => {},
  write: () => {},
  note: () => {},
  isTerminal: false,
  width: 80,
  connect: () => Promise.reject(new Error("no core")),
  interruption: () => new AbortController(),
  fail: () => {},
};

const program = createProgram("0.0.0", commands, context);
const leaves = leavesOf(program);

/** Every command that does something, by the words that are typed. */
function leavesOf(command: Command, words: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[words.join(" "), command]];
  return command.commands.flatMap((one) => leavesOf(one, [...words, one.name()]));
}

/** What goes to the screen meanwhile. */
function shown(command: Command, work: () => unknown): string {
  let text = "";
  const add = (more: string): void => void (text += more);
  for (let each: Command | null = command; each; each = each.parent)
    each.exitOverride().configureOutput({ writeOut: add, writeErr: add, getOutHelpWidth: () => 80 });
  try {
    work();
  } catch {
    // Where the program would end.
  }
  return text;
}

test.each(leaves)("berth %s has -o json unless it prints nothing to read", (words, command) => {
  const choices = command.options.find(({ short }) => short === "-o")?.argChoices;
  expect(choices?.includes("json") ?? false).toBe(!withoutOutput.includes(words));
});

test("what is left without -o is there", () => {
  const names = leaves.map(([words]) => words);
  expect(withoutOutput.filter((words) => !names.includes(words))).toEqual([]);
});

test.each([
  [["plugni"], "Did you mean plugin?"],
  [["plugin", "lss"], "Did you mean ls?"],
  [["plugin", "logs", "demo", "--taill", "3"], "Did you mean --tail?"],
  [["plugin", "logs", "demo", "--tail", "some"], "It must be a whole number."],
  [["plugin", "ls", "-o", "yaml"], "Allowed choices are table, json."],
  [["plugin", "describe"], "missing required argument 'name'"],
  [["plugin", "ls", "demo"], "too many arguments"],
])("berth %j is answered with what is wrong, the nearest name, and where help is", (words, answer) => {
  let last = program;
  for (const word of words) last = last.commands.find((one) => one.name() === word) ?? last;
  const text = shown(last, () => program.parse(words, { from: "user" }));
  expect(text).toContain(answer);
  expect(text).toContain("Run with --help for the options and an example.");
});
