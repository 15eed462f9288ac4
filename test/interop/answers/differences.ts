const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** One line for each place where two JSON values are not the same; the order of an object's members does not count. */
export function differences(real: unknown, ours: unknown, path = ""): string[] {
  if (Object.is(real, ours)) return [];
  if (!isObject(real) || !isObject(ours) || Array.isArray(real) !== Array.isArray(ours))
    return [`${path || "."}: real ${shown(real)}, ours ${shown(ours)}`];
  const names = new Set([...Object.keys(real), ...Object.keys(ours)]);
  return [...names].flatMap((name) => differences(real[name], ours[name], `${path}.${name}`));
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
