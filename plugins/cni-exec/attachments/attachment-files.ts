import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type AttachmentRecord, keyText } from "./attachment-record.ts";

type Key = Pick<AttachmentRecord, "containerId" | "ifname">;

/** One file for each attachment, each on the disk when the call that writes it returns. */
export class AttachmentFiles {
  readonly #folder: string;
  readonly #records = new Map<string, AttachmentRecord>();

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (!name.endsWith(".json")) {
        // Cut off before it took its place.
        rmSync(path, { force: true });
        continue;
      }
      const record = JSON.parse(readFileSync(path, "utf8")) as AttachmentRecord;
      this.#records.set(keyText(record), record);
    }
  }

  find(key: Key): AttachmentRecord | undefined {
    return this.#records.get(keyText(key));
  }

  list(): AttachmentRecord[] {
    return [...this.#records.values()];
  }

  put(record: AttachmentRecord): void {
    const path = this.#path(record);
    const draft = `${path}.new`;
    const file = openSync(draft, "w", 0o600);
    try {
      writeSync(file, JSON.stringify(record));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
    this.#settle();
    this.#records.set(keyText(record), record);
  }

  remove(key: Key): void {
    rmSync(this.#path(key), { force: true });
    this.#settle();
    this.#records.delete(keyText(key));
  }

  /** A name's change is on the disk when its folder is. */
  #settle(): void {
    const folder = openSync(this.#folder, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  #path(key: Key): string {
    return join(this.#folder, `${createHash("sha256").update(keyText(key)).digest("hex")}.json`);
  }
}
