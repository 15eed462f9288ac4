/** Where a value stands in an object, in the wording of kubectl: `spec.containers[0].image`, `data[key]`. */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  readonly #segment: string;

  private constructor(parent: FieldPath | undefined, segment: string) {
    this.#parent = parent;
    this.#segment = segment;
  }

  static of(...names: string[]): FieldPath {
    let path = new FieldPath(undefined, names[0]!);
    for (const name of names.slice(1)) path = path.child(name);
    return path;
  }

  child(...names: string[]): FieldPath {
    // oxlint-disable-next-line typescript/no-this-alias -- walks down from this node
    let path: FieldPath = this;
    for (const name of names) path = new FieldPath(path, path.#isEmpty ? name : `.${name}`);
    return path;
  }

  /** A list item by position, or a map entry by key. */
  at(key: number | string): FieldPath {
    return new FieldPath(this, `[${key}]`);
  }

  get #isEmpty(): boolean {
    return this.#parent === undefined && this.#segment === "";
  }

  toString(): string {
    return (this.#parent ? this.#parent.toString() : "") + this.#segment;
  }
}

/** The object itself: children of it have no dot before them. */
export const rootPath: FieldPath = FieldPath.of("");

/** Text of a path kept as a stack of names and positions. */
export function pathText(segments: readonly (string | number)[]): string {
  let text = "";
  for (const segment of segments) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (text === "") text = segment;
    else text += `.${segment}`;
  }
  return text;
}
