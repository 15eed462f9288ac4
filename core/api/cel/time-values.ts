import { parseTime } from "../time/timestamp.ts";
import { Duration, Timestamp } from "./values.ts";

const second = 1_000_000_000n;
const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
};
const part = /(\d*)(?:\.(\d*))?(ns|us|µs|ms|s|m|h)/y;

/** A time of RFC 3339 to the nanosecond; undefined when the text is none. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const milliseconds = parseTime(text);
  if (milliseconds === undefined) return undefined;
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
  const seconds = BigInt(Math.floor(milliseconds / 1000));
  return new Timestamp(seconds * second + BigInt(fraction.slice(0, 9).padEnd(9, "0")));
}

/** `2026-01-02T15:04:05.5Z`. */
export function timestampText({ nanos }: Timestamp): string {
  const fraction = ((nanos % second) + second) % second;
  const whole = new Date(Number((nanos - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  return `${whole}${fractionText(fraction)}Z`;
}

/** A duration as Go writes it, exact to the nanosecond; undefined when the text is none. */
export function parseDurationText(text: string): Duration | undefined {
  const negative = text.startsWith("-");
  const rest = negative || text.startsWith("+") ? text.slice(1) : text;
  if (rest === "0") return new Duration(0n);
  if (rest === "") return undefined;
  let nanos = 0n;
  part.lastIndex = 0;
  while (part.lastIndex < rest.length) {
    const match = part.exec(rest);
    if (!match || (match[1] === "" && !match[2])) return undefined;
    const unit = unitNanos[match[3]!]!;
    const fraction = (match[2] ?? "").slice(0, 18);
    nanos += BigInt(match[1] || 0) * unit + (BigInt(fraction || 0) * unit) / 10n ** BigInt(fraction.length);
  }
  return new Duration(negative ? -nanos : nanos);
}

const worded = /(\d+)\s*([A-Za-zµ]+)/g;
/** By the ways in which they are called; what only begins as the last one does is called by it, too. */
const wordedUnits: readonly (readonly [nanos: bigint, ...names: string[]])[] = [
  [1n, "ns", "nano"],
  [1_000n, "us", "µs", "micro"],
  [1_000_000n, "ms", "milli"],
  [second, "s", "sec"],
  [60n * second, "m", "min"],
  [3600n * second, "h", "hr", "hour"],
  [86_400n * second, "d", "day"],
  [604_800n * second, "w", "wk", "week"],
];

/** A duration as schemas of `format: duration` take it besides: `1d`, `2 weeks 3 days`; undefined when the text is none. */
export function wordedDuration(text: string): Duration | undefined {
  let nanos: bigint | undefined;
  for (const [, count = "", word = ""] of text.matchAll(worded)) {
    const name = word.toLowerCase();
    const unit = wordedUnits.find(([, ...names]) => names.includes(name) || name.startsWith(names.at(-1)!));
    if (unit) nanos = (nanos ?? 0n) + BigInt(count) * unit[0];
  }
  return nanos === undefined ? undefined : new Duration(nanos);
}

/** `3600s`, `-1.5s`. */
export function durationText({ nanos }: Duration): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? "-" : ""}${magnitude / second}${fractionText(magnitude % second)}s`;
}

function fractionText(nanos: bigint): string {
  return nanos === 0n ? "" : `.${nanos.toString().padStart(9, "0").replace(/0+$/, "")}`;
}
