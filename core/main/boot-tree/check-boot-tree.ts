import type { PartRecord } from "./part-record.ts";

/** Every mistake in what the modules declared, found before anything is made: missing parts, parts made twice, rings. */
export function checkBootTree(parts: readonly PartRecord[], given: readonly string[]): string[] {
  const byName = new Map(parts.map((part) => [part.name, part]));
  const missing = parts.flatMap((part) =>
    part.needs
      .filter((need) => !byName.has(need) && !given.includes(need))
      .map((need) => `${part.name} (${part.room}) needs ${need}, which no module makes`),
  );
  const twice = parts.filter((part) => byName.get(part.name) !== part);
  const ambiguous = twice.map(
    (part) => `${part.name} is made by ${part.room} and by ${byName.get(part.name)?.room}`,
  );
  const ring = findRing(byName);
  return [...missing, ...ambiguous, ...(ring ? [`these parts need each other: ${ring.join(" → ")}`] : [])];
}

function findRing(byName: ReadonlyMap<string, PartRecord>): string[] | undefined {
  const finished = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (finished.has(name)) return undefined;
    for (const need of byName.get(name)?.needs ?? []) {
      const ring = visit(need, [...path, name]);
      if (ring) return ring;
    }
    finished.add(name);
    return undefined;
  };
  for (const name of byName.keys()) {
    const ring = visit(name, []);
    if (ring) return ring;
  }
  return undefined;
}
