import {
  type CustomResourceDefinition,
  customKind,
  customKinds,
  type Kind,
  kinds,
  type KindTable,
  storagePrefix,
} from "../../api/index.ts";
import type { CachedObject } from "../cache/cached-object.ts";
import type { KindCache } from "../cache/kind-cache.ts";
import type { WatchCache } from "../cache/watch-cache.ts";

export const definitionKind: Kind = kinds.byResource(
  "apiextensions.k8s.io",
  "v1",
  "customresourcedefinitions",
)!;

/** Every kind that is served now: the built-in ones, and those that definitions in the store make. */
export class ServedKinds {
  readonly #builtIn: KindTable;
  readonly #definitions: KindCache;
  readonly #known = new WeakMap<CachedObject, readonly Kind[]>();
  readonly #leave: () => void;
  #table: KindTable | undefined;

  constructor(builtIn: KindTable, cache: WatchCache) {
    this.#builtIn = builtIn;
    this.#definitions = cache.kind(storagePrefix(definitionKind));
    this.#leave = this.#definitions.join(() => (this.#table = undefined));
  }

  /** The same table as long as nothing changes. */
  table(): KindTable {
    this.#table ??= this.#builtIn.with([...this.#definitions.objects()].flatMap((one) => this.#kindsOf(one)));
    return this.#table;
  }

  /** The kind in whose form objects of a custom kind are stored. */
  storageKind(kind: Kind): Kind {
    if (kind.version === kind.storageVersion) return kind;
    const definition = this.definitionOf(kind);
    const version = definition?.spec.versions.find(({ storage }) => storage);
    return definition && version ? customKind(definition, version) : kind;
  }

  definitionOf({ resource, group }: Kind): CustomResourceDefinition | undefined {
    const found = this.#definitions.get(`${storagePrefix(definitionKind)}${resource}.${group}`);
    return found?.object<CustomResourceDefinition>();
  }

  #kindsOf(definition: CachedObject): readonly Kind[] {
    let made = this.#known.get(definition);
    if (!made)
      this.#known.set(definition, (made = customKinds(definition.object<CustomResourceDefinition>())));
    return made;
  }

  dispose(): void {
    this.#leave();
  }
}
