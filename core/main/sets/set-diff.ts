import type { SetContent } from "./set-content.ts";

/** One thing that applying a set would change. */
export interface SetChange {
  readonly mark: "+" | "-" | "~";
  readonly what: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/**
 * What is different once `next` is in force instead of `now`. `known` are the Plugins there are, by name: those of
 * `next`, as they will be, are held against them.
 */
export function diffSets(
  now: SetContent | undefined,
  next: SetContent,
  known: SetContent["plugins"],
): SetChange[] {
  const { plugins: before = [], ...defaults } = now?.set ?? {};
  const { plugins: after, ...nextDefaults } = next.set;
  return [
    ...(now?.name === next.name ? [] : [{ mark: "~", what: "set", from: now?.name, to: next.name } as const]),
    ...after
      .filter((name) => !before.includes(name))
      .map((name) => ({ mark: "+", what: `plugin ${name}` }) as const),
    ...before
      .filter((name) => !after.includes(name))
      .map((name) => ({ mark: "-", what: `plugin ${name}, once nothing of what it made is left` }) as const),
    ...changedMembers("", defaults, nextDefaults),
    ...Object.entries(next.plugins).flatMap(([name, spec]) =>
      known[name] ? changedMembers(`plugin ${name} `, known[name], spec) : [],
    ),
  ];
}

function changedMembers(prefix: string, from: object, to: object): SetChange[] {
  const [a, b] = [from, to] as [Record<string, unknown>, Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .map((key) => ({ mark: "~", what: `${prefix}${key}`, from: a[key], to: b[key] }));
}

/** `~ defaultRuntimeHandler: "runc" → "gvisor"`. */
export function formatChange({ mark, what, from, to }: SetChange): string {
  const values = from === undefined && to === undefined ? "" : `: ${shown(from)} → ${shown(to)}`;
  return `${mark} ${what}${values}`;
}

function shown(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
