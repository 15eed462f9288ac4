/** Import and export declarations, dynamic imports of a literal, and `import("…")` types, as written in a source. */
export interface ImportOccurrence {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

const patterns: readonly { pattern: RegExp; typeOnly: (match: RegExpExecArray) => boolean }[] = [
  {
    pattern: /^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm,
    typeOnly: (match) => match[1] !== undefined,
  },
  { pattern: /(await\s+|void\s+|=\s*)import\(\s*"([^"]+)"\s*\)/g, typeOnly: () => false },
  { pattern: /(:\s*|<\s*|\|\s*|typeof\s+)import\(\s*"([^"]+)"\s*\)/g, typeOnly: () => true },
];

export function findImports(source: string): ImportOccurrence[] {
  const found: ImportOccurrence[] = [];
  for (const { pattern, typeOnly } of patterns) {
    for (const match of source.matchAll(pattern) as Iterable<RegExpExecArray>) {
      const line = source.slice(0, match.index).split("\n").length;
      found.push({ specifier: match[2]!, typeOnly: typeOnly(match), line });
    }
  }
  return found;
}
