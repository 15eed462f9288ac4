type Pruned<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** Without the members that say nothing: undefined, and the empty text that stands for it in a message. */
export function pruned<T extends object>(object: T): Pruned<T> {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(entries) as Pruned<T>;
}
