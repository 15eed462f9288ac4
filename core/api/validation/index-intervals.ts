type Interval = readonly [first: number, last: number];

const quoted = (text: string): string => JSON.stringify(text);

/** One of `3` and `3-5`, or what is wrong with it. */
function interval(text: string, completions: number): Interval | string {
  const parts = text.split("-");
  if (parts.length > 2)
    return `the fragment ${quoted(text)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  for (const part of parts) {
    if (!/^[+]?\d+$/.test(part)) return `cannot convert string to integer for index: ${quoted(part)}`;
    if (Number(part) >= completions) return `too large index: ${quoted(part)}`;
  }
  const [first, last = first] = parts.map(Number) as [number, number?];
  if (parts.length === 2 && first >= last)
    return `non-increasing order, previous: ${first}, current: ${last}`;
  return [first, last];
}

/** What is wrong with intervals such as `1,3-5` of so many completions. */
export function wrongIndexes(text: string, completions: number): string | undefined {
  let before: number | undefined;
  for (const part of text === "" ? [] : text.split(",")) {
    const found = interval(part, completions);
    if (typeof found === "string") return found;
    if (before !== undefined && before >= found[0])
      return `non-increasing order, previous: ${before}, current: ${found[0]}`;
    before = found[1];
  }
  return undefined;
}

/** Those of the intervals that can be read. */
export function indexIntervals(text: string, completions: number): readonly Interval[] {
  return text
    .split(",")
    .map((part) => interval(part, completions))
    .filter((found) => typeof found !== "string");
}

export function countIndexes(text: string, completions: number): number {
  return indexIntervals(text, completions).reduce((sum, [first, last]) => sum + last - first + 1, 0);
}
