/** Medians, counts and sizes by name: `network.add_ms.p50`. The unit is in the name. */
export type Figures = Readonly<Record<string, number>>;

/** Bounds of a figure, both of them good enough. */
export interface Target {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** What one suite found out. */
export interface BenchResult {
  readonly figures: Figures;
  /** The same figures of others that are installed here, measured in the same run. */
  readonly peers: Readonly<Record<string, Figures>>;
  /** What the figures shall be, by their names. */
  readonly targets?: Readonly<Record<string, Target>>;
}

/** Says on stderr what is going on, for the person who waits. */
export type Report = (line: string) => void;

/** A module `test/bench/NAME.ts` exports one of these as `suite`. It leaves the machine as it found it. */
export interface BenchSuite {
  readonly name: string;
  run(report: Report): Promise<BenchResult>;
}

/** The middle value; the mean of the two middle ones of an even number. Throws when there is none. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Linear between the two nearest ranks. `fraction` from 0 to 1. */
export function percentile(values: readonly number[], fraction: number): number {
  if (values.length === 0) throw new RangeError("no values to take a percentile of");
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (sorted.length - 1) * fraction;
  const low = sorted[Math.floor(rank)] ?? 0;
  const high = sorted[Math.ceil(rank)] ?? 0;
  return low + (high - low) * (rank - Math.floor(rank));
}

/** To a thousandth: more digits are noise. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** One line a figure, a column for us, one for each peer and, where there are targets, one for them. */
export function renderTable({ figures, peers, targets }: BenchResult): string {
  const others = Object.keys(peers);
  const names = [...new Set([figures, ...Object.values(peers)].flatMap((each) => Object.keys(each)))];
  const rows = names.map((name) => [
    name,
    cell(figures[name]),
    ...others.map((peer) => cell(peers[peer]?.[name])),
    ...(targets ? [verdict(figures[name], targets[name])] : []),
  ]);
  const all = [["figure", "berth", ...others, ...(targets ? ["target"] : [])], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join("  ");
  return all.map(line).join("\n");
}

function cell(value: number | undefined): string {
  return value === undefined ? "-" : String(value);
}

function verdict(value: number | undefined, target: Target | undefined): string {
  if (!target) return "";
  const { atLeast, atMost } = target;
  const wanted = atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
  const met = value !== undefined && value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
  return met ? wanted : `${wanted} MISSED`;
}
