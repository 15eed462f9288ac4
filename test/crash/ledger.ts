/** What is known of one object by what the server acknowledged. */
interface Entry {
  /** Of the last acknowledged write; undefined when it was never acknowledged, or deleted with acknowledgement. */
  revision: number | undefined;
  deleted: boolean;
  /** A deletion was asked for, whatever became of it. */
  deletionTried: boolean;
  /** The last request is not answered, or was answered by a broken connection: it may have happened. */
  open: boolean;
}

export type Snapshot = ReadonlyMap<string, Readonly<Entry>>;

/** Who asked for what and what was acknowledged, by name of the object. */
export class Ledger {
  readonly #entries = new Map<string, Entry>();
  /** The highest revision that anybody was told. */
  highest = 0;
  acknowledged = 0;

  begin(name: string, what: "put" | "delete"): void {
    const entry = this.#entries.get(name) ?? {
      revision: undefined,
      deleted: false,
      deletionTried: false,
      open: false,
    };
    entry.open = true;
    if (what === "delete") entry.deletionTried = true;
    this.#entries.set(name, entry);
  }

  /** @param revision of the put; undefined for a deletion */
  acknowledge(name: string, revision: number | undefined): void {
    const entry = this.#entries.get(name)!;
    entry.open = false;
    entry.deleted = revision === undefined;
    entry.revision = revision;
    this.highest = Math.max(this.highest, revision ?? 0);
    this.acknowledged++;
  }

  snapshot(): Snapshot {
    return new Map([...this.#entries].map(([name, entry]) => [name, { ...entry }]));
  }

  /**
   * The names of acknowledged writes that do not show in what stands there. What stands there was caught at some moment
   * between two snapshots: writes of the first must show, those that only the second knows of may.
   */
  static lost(first: Snapshot, second: Snapshot, standing: ReadonlyMap<string, number>): string[] {
    const names = [...first.keys()];
    return names.filter((name) => !shows(first.get(name)!, second.get(name)!, standing.get(name)));
  }
}

function shows(first: Entry, second: Entry, revision: number | undefined): boolean {
  if (first.deleted) return revision === undefined;
  if (first.revision === undefined) return true;
  if (revision === undefined) return second.deletionTried;
  const mayBeNewer = first.open || second.open || second.revision !== first.revision;
  return revision === first.revision || (mayBeNewer && revision > first.revision);
}
