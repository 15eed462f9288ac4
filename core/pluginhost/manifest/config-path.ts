/** A configuration, whose keys may lie in others: `outer.inner`. Only own members count, for a key may be called `constructor`. */
type Config = Record<string, unknown>;

function ownMember(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

export function readKey(config: unknown, path: string): unknown {
  return path.split(".").reduce(ownMember, config);
}

export function writeKey(config: Config, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop()!;
  let place = config;
  for (const key of keys) {
    const inner = ownMember(place, key);
    const next = typeof inner === "object" && inner !== null ? (inner as Config) : {};
    define(place, key, next);
    place = next;
  }
  define(place, last, value);
}

/** With what held nothing else. */
export function removeKey(config: Config, path: string): void {
  const cut = path.lastIndexOf(".");
  const place = cut < 0 ? config : (readKey(config, path.slice(0, cut)) as Config);
  delete place[path.slice(cut + 1)];
  if (cut > 0 && Object.keys(place).length === 0) removeKey(config, path.slice(0, cut));
}

/** Whether a JSON Schema describes the key. */
export function hasKey(schema: unknown, path: string): boolean {
  let properties = ownMember(schema, "properties");
  for (const key of path.split(".")) {
    const found = ownMember(properties, key);
    if (found === undefined) return false;
    properties = ownMember(found, "properties");
  }
  return true;
}

/** Assigned, `__proto__` would become what the object inherits from. */
function define(place: Config, key: string, value: unknown): void {
  Object.defineProperty(place, key, { value, writable: true, enumerable: true, configurable: true });
}
