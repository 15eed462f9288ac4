import { kindsText } from "../generated/kinds.ts";
import { groupVersion, type Kind, parseGroupVersion } from "./kind.ts";

/** The kinds a server knows. Custom resources make a new table of it: the table itself never changes. */
export class KindTable {
  readonly #all: readonly Kind[];
  /** By group, version and resource: every request asks, and to put a key together costs more than three lookups. */
  readonly #byResource = new Map<string, Map<string, Map<string, Kind>>>();
  readonly #byKind: ReadonlyMap<string, Kind>;

  constructor(all: readonly Kind[]) {
    this.#all = all;
    for (const kind of all) {
      const { group, version, resource } = kind;
      const versions = this.#byResource.get(group) ?? new Map<string, Map<string, Kind>>();
      const resources = versions.get(version) ?? new Map<string, Kind>();
      this.#byResource.set(group, versions.set(version, resources.set(resource, kind)));
    }
    this.#byKind = new Map(all.map((kind) => [`${groupVersion(kind)}/${kind.kind}`, kind]));
  }

  all(): readonly Kind[] {
    return this.#all;
  }

  byResource(group: string, version: string, resource: string): Kind | undefined {
    return this.#byResource.get(group)?.get(version)?.get(resource);
  }

  byKind(group: string, version: string, kind: string): Kind | undefined {
    return this.#byKind.get(`${groupVersion({ group, version })}/${kind}`);
  }

  /** The kind an object says it is by `apiVersion` and `kind`, or undefined. */
  kindOf(object: { readonly apiVersion?: unknown; readonly kind?: unknown }): Kind | undefined {
    if (typeof object.apiVersion !== "string" || typeof object.kind !== "string") return undefined;
    const at = parseGroupVersion(object.apiVersion);
    return at && this.byKind(at.group, at.version, object.kind);
  }

  /** A table with these kinds added; one of the same group, version and resource is replaced. */
  with(added: readonly Kind[]): KindTable {
    const names = new Set(added.map((kind) => `${groupVersion(kind)}/${kind.resource}`));
    return new KindTable([
      ...this.#all.filter((kind) => !names.has(`${groupVersion(kind)}/${kind.resource}`)),
      ...added,
    ]);
  }
}

/** Every built-in kind of Kubernetes 1.36, served by default or not, and our own. */
export const kinds = new KindTable(JSON.parse(kindsText) as Kind[]);

/** The built-in kind an object says it is. */
export const kindOf = (object: {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
}): Kind | undefined => kinds.kindOf(object);
