/** What can be left behind on a machine, each category counted on its own. */
export const categories = [
  "processes",
  "shims",
  "mounts",
  "network namespaces",
  "links",
  "addresses",
  "routes",
  "firewall",
  "sockets",
  "cgroups",
] as const;

export type Category = (typeof categories)[number];

/** One thing that was there. Two items are the same thing when category and id are equal. */
export interface Item {
  readonly category: Category;
  readonly id: string;
  /** For a person, and for filters: names, paths, command line. */
  readonly text: string;
}

/** Everything of all categories at one moment. */
export interface Snapshot {
  readonly takenAt: string;
  readonly items: readonly Item[];
}

/** Whether an item is of interest: machines are shared, and others make things meanwhile. */
export type ItemFilter = (item: Item) => boolean;

export interface Comparison {
  /** There now and not before: leaks, when the two moments should be equal. */
  readonly added: readonly Item[];
  readonly removed: readonly Item[];
}

export function compareSnapshots(
  before: Snapshot,
  after: Snapshot,
  filter: ItemFilter = () => true,
): Comparison {
  return {
    added: missingFrom(before, after).filter(filter),
    removed: missingFrom(after, before).filter(filter),
  };
}

function missingFrom(reference: Snapshot, other: Snapshot): Item[] {
  const known = new Set(reference.items.map(keyOf));
  return other.items.filter((item) => !known.has(keyOf(item)));
}

function keyOf(item: Item): string {
  return `${item.category}\0${item.id}`;
}

export function countByCategory(items: readonly Item[]): Record<Category, number> {
  const counts = Object.fromEntries(categories.map((category) => [category, 0])) as Record<Category, number>;
  for (const { category } of items) counts[category]++;
  return counts;
}

/** One line a thing, grouped; empty text for no things. */
export function describeItems(items: readonly Item[]): string {
  return categories
    .map((category) => items.filter((item) => item.category === category))
    .filter((group) => group.length > 0)
    .map((group) =>
      [`${group[0]?.category}: ${group.length}`, ...group.map(({ text }) => `  ${text}`)].join("\n"),
    )
    .join("\n");
}

/** Items whose text holds one of these words: an owner's prefix, a data directory. */
export function mentioning(...words: readonly string[]): ItemFilter {
  return ({ text }) => words.some((word) => text.includes(word));
}
