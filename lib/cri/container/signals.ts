import { constants } from "node:os";

const sigterm = 15;

/** Number of a signal as images and CRI write it: "SIGTERM", "TERM", "15", "SIGRTMIN+3". SIGTERM for anything else. */
export function signalNumber(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const plain = name
    .toUpperCase()
    .replace(/^SIGNAL_/, "")
    .replace(/^SIG/, "");
  const realTime = /^RT(MIN|MAX)(?:(?:\+|-|PLUS|MINUS)(\d+))?$/.exec(plain);
  if (realTime) {
    const offset = Number(realTime[2] ?? 0);
    return realTime[1] === "MIN" ? 34 + offset : 64 - offset;
  }
  return (constants.signals as Record<string, number>)[`SIG${plain}`] ?? sigterm;
}
