import Table from "cli-table3";

const noBorders = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"]
    .concat(["left", "left-mid", "mid", "mid-mid", "right", "right-mid"])
    .map((name) => [name, ""]),
);

/** Columns as kubectl prints them: upper-case heads, three spaces between, no lines; a long last column is cut to fit. */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const table = new Table({
    head: head.map((name) => name.toUpperCase()),
    chars: { ...noBorders, middle: "   " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  table.push(
    ...rows.map((row) => row.map((cell) => (cell === undefined || cell === "" ? "-" : String(cell)))),
  );
  return table
    .toString()
    .split("\n")
    .map((line) => {
      const text = line.trimEnd();
      return text.length > width ? `${text.slice(0, width - 1)}…` : text;
    })
    .join("\n");
}
