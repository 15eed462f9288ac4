const unitNanos: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;

/** Milliseconds of a duration such as `1h30m`, `250ms`, `-2s`, or undefined when the text is none. */
export function parseDuration(text: string): number | undefined {
  const start = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
  const rest = text.slice(start);
  if (rest === "0") return 0;
  if (rest === "") return undefined;
  let nanos = 0;
  part.lastIndex = 0;
  while (part.lastIndex < rest.length) {
    const match = part.exec(rest);
    if (!match) return undefined;
    nanos += Number(match[1]) * unitNanos[match[2]!]!;
  }
  return ((text.startsWith("-") ? -1 : 1) * nanos) / 1e6;
}

/** The duration in its usual form: `1h30m0s`, `250ms`, `0s`. `nanos` are nanoseconds. */
export function formatDuration(nanos: bigint): string {
  if (nanos === 0n) return "0s";
  const sign = nanos < 0n ? "-" : "";
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (magnitude < 1_000n) return `${sign}${magnitude}ns`;
  if (magnitude < 1_000_000n) return `${sign}${decimal(magnitude, 1_000n)}µs`;
  if (magnitude < 1_000_000_000n) return `${sign}${decimal(magnitude, 1_000_000n)}ms`;
  const minute = 60_000_000_000n;
  const hours = magnitude / (60n * minute);
  const minutes = (magnitude / minute) % 60n;
  const seconds = `${decimal(magnitude % minute, 1_000_000_000n)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

function decimal(nanos: bigint, unit: bigint): string {
  const fraction = (nanos % unit)
    .toString()
    .padStart(unit.toString().length - 1, "0")
    .replace(/0+$/, "");
  return `${nanos / unit}${fraction ? `.${fraction}` : ""}`;
}
