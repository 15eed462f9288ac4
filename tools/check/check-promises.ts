/**
 * Whether every test that a page of promises names is there. A row of a table is a promise and its proofs: links to test
 * files, each followed by a colon and titles in italics.
 *
 * @param page text of the page, whose links are relative to `docs/`
 * @param read the text of a file of the repository; undefined when there is none
 */
export function checkPromises(page: string, read: (file: string) => string | undefined): string[] {
  const rows = page.split("\n").filter((line) => line.startsWith("| ") && line !== "| promise | proof |");
  return rows.flatMap((row) => {
    const proofs = [...row.matchAll(/\]\(\.\.\/([^)]+)\): ((?:\*[^*]+\*(?:, )?)+)/g)];
    if (proofs.length === 0) return [`docs/promises.md: no test proves: ${row}`];
    return proofs.flatMap(([, file = "", titles = ""]) => missing(file, titles, read(file)));
  });
}

function missing(file: string, titles: string, source: string | undefined): string[] {
  if (source === undefined)
    return [`docs/promises.md: there is no ${file}: name the test that proves it now`];
  return [...titles.matchAll(/\*([^*]+)\*/g)]
    .map(([, title = ""]) => title)
    .filter((title) => !source.includes(title))
    .map((title) => `docs/promises.md: ${file} has no test "${title}": name the test that proves it now`);
}
