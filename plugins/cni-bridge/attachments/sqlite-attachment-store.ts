import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { BerthError, errorMessage } from "@berth/base";
import { type AddressRange, contains } from "../addresses/address-range.ts";
import { nextFreeAddress } from "../addresses/allocator.ts";
import type { Attachment, AttachmentKey, StoredAttachment } from "./attachment.ts";
import {
  AddressTakenError,
  type AttachmentDraft,
  type AttachmentStore,
  RangeFullError,
} from "./attachment-store.ts";

const formatVersion = 1;

const unusable = BerthError.define({
  code: "BERTH_CNI_BRIDGE_STATE",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Stop the plugin, move the file away and start again; running pods keep their addresses until they are deleted.",
});

const schema = `
  CREATE TABLE IF NOT EXISTS attachment (
    container_id TEXT NOT NULL, ifname TEXT NOT NULL, phase TEXT NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (container_id, ifname)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS address (
    address TEXT PRIMARY KEY, container_id TEXT NOT NULL, ifname TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS last_given (subnet TEXT PRIMARY KEY, address TEXT NOT NULL) STRICT;
`;

interface Row {
  readonly phase: "intent" | "done";
  readonly record: string;
}

/**
 * One SQLite file. It outlives any end of the process, but is not forced to the disk with every commit: what a power
 * cut can take from it describes links and namespaces that the same power cut took.
 */
export class SqliteAttachmentStore implements AttachmentStore {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(path: string) {
    this.#database = open(path);
    this.#statements = prepare(this.#database);
  }

  find(key: AttachmentKey): StoredAttachment | undefined {
    const row = this.#statements.find.get(key.containerId, key.ifname) as Row | undefined;
    return row && stored(row);
  }

  list(): StoredAttachment[] {
    return (this.#statements.list.all() as unknown as Row[]).map(stored);
  }

  begin(draft: AttachmentDraft, ranges: readonly AddressRange[], wanted: readonly string[]): Attachment {
    const { key } = draft;
    const addresses = ranges.map((range) => ({
      address: this.#choose(range, wanted),
      prefixLength: range.prefixLength,
      gateway: range.gateway,
    }));
    const attachment = draft.finish(addresses);
    this.#inTransaction(() => {
      this.#statements.insert.run(key.containerId, key.ifname, JSON.stringify(attachment));
      addresses.forEach(({ address }, index) => {
        this.#statements.take.run(address, key.containerId, key.ifname);
        this.#statements.remember.run(ranges[index]?.subnet ?? "", address);
      });
    });
    return attachment;
  }

  #choose(range: AddressRange, wanted: readonly string[]): string {
    const named = wanted.find((address) => contains(range, address));
    if (named !== undefined) {
      const holder = this.#holderOf(named);
      if (holder !== undefined) throw new AddressTakenError(named, holder);
      return named;
    }
    const last = this.#statements.lastGiven.get(range.subnet) as { address: string } | undefined;
    const free = nextFreeAddress(range, last?.address, (address) => this.#holderOf(address) !== undefined);
    if (free === undefined) throw new RangeFullError(range);
    return free;
  }

  #holderOf(address: string): string | undefined {
    return (this.#statements.holder.get(address) as { holder: string } | undefined)?.holder;
  }

  complete(key: AttachmentKey): void {
    this.#statements.complete.run(key.containerId, key.ifname);
  }

  remove(key: AttachmentKey): boolean {
    let wasThere = false;
    this.#inTransaction(() => {
      this.#statements.release.run(key.containerId, key.ifname);
      wasThere = this.#statements.remove.run(key.containerId, key.ifname).changes > 0;
    });
    return wasThere;
  }

  countTaken(range: AddressRange): number {
    const rows = this.#statements.addresses.all() as { address: string }[];
    return rows.filter(({ address }) => contains(range, address)).length;
  }

  close(): void {
    this.#database.close();
  }

  #inTransaction(change: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      change();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

function open(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const database = new DatabaseSync(path);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;");
    const { user_version: version } = database.prepare("PRAGMA user_version").get() as {
      user_version: number;
    };
    if (version > formatVersion) {
      database.close();
      throw new Error(
        `its format ${version} is newer than ${formatVersion}, the newest that this version knows`,
      );
    }
    database.exec(`${schema} PRAGMA user_version = ${formatVersion};`);
    return database;
  } catch (error) {
    throw new BerthError(unusable, `attachment store ${path} cannot be used: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

function prepare(database: DatabaseSync): Record<Statement, StatementSync> {
  return {
    find: database.prepare("SELECT phase, record FROM attachment WHERE container_id = ? AND ifname = ?"),
    list: database.prepare("SELECT phase, record FROM attachment ORDER BY rowid"),
    insert: database.prepare(
      "INSERT INTO attachment (container_id, ifname, phase, record) VALUES (?, ?, 'intent', ?)",
    ),
    complete: database.prepare("UPDATE attachment SET phase = 'done' WHERE container_id = ? AND ifname = ?"),
    remove: database.prepare("DELETE FROM attachment WHERE container_id = ? AND ifname = ?"),
    addresses: database.prepare("SELECT address FROM address"),
    holder: database.prepare("SELECT container_id || '/' || ifname AS holder FROM address WHERE address = ?"),
    take: database.prepare("INSERT INTO address (address, container_id, ifname) VALUES (?, ?, ?)"),
    release: database.prepare("DELETE FROM address WHERE container_id = ? AND ifname = ?"),
    lastGiven: database.prepare("SELECT address FROM last_given WHERE subnet = ?"),
    remember: database.prepare(
      "INSERT INTO last_given (subnet, address) VALUES (?, ?) ON CONFLICT (subnet) DO UPDATE SET address = excluded.address",
    ),
  };
}

type Statement =
  | "find"
  | "list"
  | "insert"
  | "complete"
  | "remove"
  | "addresses"
  | "holder"
  | "take"
  | "release"
  | "lastGiven"
  | "remember";

function stored(row: Row): StoredAttachment {
  return { attachment: JSON.parse(row.record) as Attachment, phase: row.phase };
}
