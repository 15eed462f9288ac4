import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  categories,
  compareSnapshots,
  countByCategory,
  describeItems,
  type Item,
  mentioning,
  type Snapshot,
} from "./snapshot.ts";
import { takeSnapshot } from "./take-snapshot.ts";

const usage = `usage: node tools/leak-count/main.ts [--json] [--baseline FILE] [--only TEXT]...

  --json           print JSON instead of lines: the snapshot, or what is new
  --baseline FILE  compare with a snapshot saved by --json; exit status 1 when something is new
  --only TEXT      count only what mentions this text (may be repeated)
`;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    baseline: { type: "string" },
    only: { type: "string", multiple: true },
    help: { type: "boolean", default: false },
  },
});

const filter = values.only ? mentioning(...values.only) : () => true;
if (values.help) process.stdout.write(usage);
else if (values.baseline === undefined) count();
else compare(values.baseline);

function count(): void {
  const snapshot = takeSnapshot();
  const items = snapshot.items.filter(filter);
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ ...snapshot, items })}\n`);
    return;
  }
  const counts = countByCategory(items);
  for (const category of categories) process.stdout.write(`${category}: ${counts[category]}\n`);
}

function compare(file: string): void {
  const before = JSON.parse(readFileSync(file, "utf8")) as Snapshot;
  const after = takeSnapshot();
  const { added } = compareSnapshots(before, after, filter);
  if (values.json) process.stdout.write(`${JSON.stringify({ since: before.takenAt, added })}\n`);
  else {
    const lines = countLines(before.items.filter(filter), after.items.filter(filter), added);
    process.stdout.write(`${lines.join("\n")}\n`);
    process.stdout.write(added.length === 0 ? "nothing is left\n" : `${describeItems(added)}\n`);
  }
  process.exitCode = added.length === 0 ? 0 : 1;
}

function countLines(before: readonly Item[], after: readonly Item[], added: readonly Item[]): string[] {
  const columns = [before, after, added].map(countByCategory);
  const line = (name: string, cells: readonly (string | number)[]): string =>
    name.padEnd(20) + cells.map((cell) => String(cell).padStart(8)).join("");
  return [
    line("counted", ["before", "after", "new"]),
    ...categories.map((category) =>
      line(
        category,
        columns.map((counts) => counts[category]),
      ),
    ),
  ];
}
