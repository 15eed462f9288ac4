/** Negative when `a` comes before `b`: by Semantic Versioning 2.0.0, without build metadata. */
export function compareVersions(a: string, b: string): number {
  const [[numbersA, preA], [numbersB, preB]] = [partsOf(a), partsOf(b)];
  for (const [at, number] of numbersA.entries()) {
    const difference = number - (numbersB[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (preA === preB) return 0;
  if (preA === "" || preB === "") return preA === "" ? 1 : -1;
  return preA.localeCompare(preB, "en", { numeric: true });
}

function partsOf(version: string): [numbers: number[], prerelease: string] {
  const [, core = "", prerelease = ""] = /^([0-9.]+)(?:-([^+]*))?/.exec(version) ?? [];
  return [core.split(".").map(Number), prerelease];
}
