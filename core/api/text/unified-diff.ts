const context = 3;
/** Of longer texts, lines that occur often are not looked for: they would match anywhere. */
const longText = 200;

/** A run of lines that both texts have: where it begins in each, and how long it is. */
interface Run {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** Lines of one text that stand for lines of the other. */
interface Step {
  readonly isSame: boolean;
  readonly a: readonly [from: number, to: number];
  readonly b: readonly [from: number, to: number];
}

/**
 * What differs between two texts, as `diff -u` shows it, without a head: the longest run that both have is found first, then
 * those before and after it.
 */
export function unifiedDiff(a: readonly string[], b: readonly string[]): string {
  return hunksOf(stepsOf(a, b))
    .map((steps) => hunk(steps, a, b))
    .join("");
}

function hunk(steps: readonly Step[], a: readonly string[], b: readonly string[]): string {
  const [first, last] = [steps[0]!, steps.at(-1)!];
  const lines = steps.flatMap((step) =>
    step.isSame
      ? a.slice(...step.a).map((line) => ` ${line}`)
      : [...a.slice(...step.a).map((line) => `-${line}`), ...b.slice(...step.b).map((line) => `+${line}`)],
  );
  const head = `@@ -${place(first.a[0], last.a[1])} +${place(first.b[0], last.b[1])} @@`;
  return [head, ...lines].map((line) => `${line}\n`).join("");
}

/** `12,3`: three lines from the twelfth. */
function place(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return String(from + 1);
  return `${length === 0 ? from : from + 1},${length}`;
}

/** The changes, each with the lines around it; those near each other become one hunk. */
function hunksOf(steps: readonly Step[]): Step[][] {
  const hunks: Step[][] = [];
  let hunk: Step[] = [];
  for (const [index, step] of steps.entries()) {
    if (!step.isSame) {
      hunk.push(step);
      continue;
    }
    const [isFirst, isLast] = [index === 0, index === steps.length - 1];
    const length = step.a[1] - step.a[0];
    if (!isFirst && !isLast && length <= 2 * context) {
      hunk.push(step);
      continue;
    }
    if (!isFirst) {
      hunk.push(part(step, 0, context));
      hunks.push(hunk);
      hunk = [];
    }
    if (!isLast) hunk.push(part(step, Math.max(0, length - context), length));
  }
  if (hunk.some(({ isSame }) => !isSame)) hunks.push(hunk);
  return hunks;
}

function part({ a, b }: Step, from: number, to: number): Step {
  const cut = ([start, end]: Step["a"]): Step["a"] => [start + from, Math.min(start + to, end)];
  return { isSame: true, a: cut(a), b: cut(b) };
}

function stepsOf(a: readonly string[], b: readonly string[]): Step[] {
  const steps: Step[] = [];
  let [i, j] = [0, 0];
  for (const run of [...joined(commonRuns(a, b)), { a: a.length, b: b.length, size: 0 }]) {
    if (i < run.a || j < run.b) steps.push({ isSame: false, a: [i, run.a], b: [j, run.b] });
    [i, j] = [run.a + run.size, run.b + run.size];
    if (run.size > 0) steps.push({ isSame: true, a: [run.a, i], b: [run.b, j] });
  }
  return steps;
}

/** Runs that follow each other in both texts are one. */
function joined(runs: readonly Run[]): Run[] {
  const found: Run[] = [];
  for (const run of runs) {
    const last = found.at(-1);
    if (last && last.a + last.size === run.a && last.b + last.size === run.b)
      found[found.length - 1] = { ...last, size: last.size + run.size };
    else found.push(run);
  }
  return found;
}

function commonRuns(a: readonly string[], b: readonly string[]): Run[] {
  const places = placesOf(b);
  const between = (fromA: number, toA: number, fromB: number, toB: number): Run[] => {
    if (fromA >= toA || fromB >= toB) return [];
    const run = longestRun(a, b, places, [fromA, toA, fromB, toB]);
    if (run.size === 0) return [];
    const [endA, endB] = [run.a + run.size, run.b + run.size];
    return [...between(fromA, run.a, fromB, run.b), run, ...between(endA, toA, endB, toB)];
  };
  return between(0, a.length, 0, b.length);
}

function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const known = places.get(line);
    if (known) known.push(index);
    else places.set(line, [index]);
  }
  if (lines.length < longText) return places;
  const often = Math.floor(lines.length / 100) + 1;
  for (const [line, where] of places) if (where.length > often) places.delete(line);
  return places;
}

function longestRun(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [fromA, toA, fromB, toB]: readonly [number, number, number, number],
): Run {
  let best: Run = { a: fromA, b: fromB, size: 0 };
  let ending = new Map<number, number>();
  for (let i = fromA; i < toA; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i]!) ?? []) {
      if (j < fromB || j >= toB) continue;
      const size = (ending.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    ending = next;
  }
  let { a: i, b: j, size } = best;
  while (i > fromA && j > fromB && a[i - 1] === b[j - 1]) [i, j, size] = [i - 1, j - 1, size + 1];
  while (i + size < toA && j + size < toB && a[i + size] === b[j + size]) size++;
  return { a: i, b: j, size };
}
