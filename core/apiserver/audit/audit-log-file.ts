import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { type Clock, type Disposable, errorMessage, type Logger } from "@berth/base";
import type { AuditEvent } from "./audit-event.ts";
import type { AuditPolicy } from "./audit-policy.ts";

/** What is written to the audit log, and where. */
export interface AuditLogSettings {
  readonly path: string;
  readonly policy: AuditPolicy;
  /** Bytes after which a file is set aside and another begun. */
  readonly maxBytes: number;
  /** Files set aside that are kept; 0 keeps all. */
  readonly maxBackups: number;
  /** Days for which they are kept; 0 keeps them for ever. */
  readonly maxAgeDays: number;
}

/** Text that waits for the disk; beyond it events are counted as lost, loudly, rather than memory be eaten up. */
const mostWaitingChars = 64 * 1024 * 1024;
const dayMs = 24 * 3_600_000;

/** An audit log as JSON lines: `audit.log`, and `audit-<time>.log` for what was set aside. Readable by root only. */
export class AuditLogFile implements Disposable {
  readonly label = "audit log";
  readonly #path: string;
  readonly #limits: Omit<AuditLogSettings, "path" | "policy">;
  readonly #parts: { readonly clock: Clock; readonly logger: Logger };
  #waiting: string[] = [];
  #waitingChars = 0;
  #lost = 0;
  #writing: Promise<void> | undefined;
  #file: FileHandle | undefined;
  #bytes = 0;
  #lastSetAside = 0;

  constructor(settings: AuditLogSettings, parts: { readonly clock: Clock; readonly logger: Logger }) {
    this.#path = settings.path;
    this.#limits = settings;
    this.#parts = parts;
  }

  readonly sink = (event: AuditEvent): void => {
    const line = `${JSON.stringify(event)}\n`;
    if (this.#waitingChars + line.length > mostWaitingChars) {
      this.#lost++;
      return;
    }
    this.#waiting.push(line);
    this.#waitingChars += line.length;
    this.#writing ??= this.#write();
  };

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#waitingChars = 0;
      try {
        await this.#append(lines);
      } catch (error) {
        this.#lost += lines.length;
        this.#parts.logger.error(`${this.#path} cannot be written`, { cause: errorMessage(error) });
      }
      if (this.#lost > 0) this.#parts.logger.error(`${this.#lost} audit events are lost`);
      this.#lost = 0;
    }
    this.#writing = undefined;
  }

  /** `lines` is emptied as they reach the file. */
  async #append(lines: string[]): Promise<void> {
    while (lines.length > 0) {
      this.#file ??= await this.#open();
      let bytes = this.#bytes;
      const fitting = lines.findIndex((line) => (bytes += Buffer.byteLength(line)) > this.#limits.maxBytes);
      if (fitting === 0 && this.#bytes > 0) await this.#setAside();
      else {
        // A line that is longer than a whole file has one of its own.
        const count = fitting < 0 ? lines.length : Math.max(fitting, 1);
        const text = Buffer.from(lines.slice(0, count).join(""));
        await this.#file.appendFile(text);
        this.#bytes += text.length;
        lines.splice(0, count);
      }
    }
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    const file = await open(this.#path, "a", 0o600);
    this.#bytes = (await file.stat()).size;
    return file;
  }

  async #setAside(): Promise<void> {
    await this.#close();
    // The name is the time in milliseconds: a second file within one would take the place of the first.
    this.#lastSetAside = Math.max(this.#parts.clock.now(), this.#lastSetAside + 1);
    const time = new Date(this.#lastSetAside).toISOString().replaceAll(":", "-").replace("Z", "");
    const { folder, stem, end } = this.#name();
    await rename(this.#path, join(folder, `${stem}-${time}${end}`));
    await this.#removeOld();
  }

  async #removeOld(): Promise<void> {
    const { folder, stem, end } = this.#name();
    const { maxAgeDays, maxBackups } = this.#limits;
    const oldest = maxAgeDays > 0 ? this.#parts.clock.now() - maxAgeDays * dayMs : 0;
    const backups = (await readdir(folder))
      .filter((name) => name.startsWith(`${stem}-`) && name.endsWith(end))
      .sort()
      .toReversed();
    for (const [index, name] of backups.entries()) {
      const time = name
        .slice(stem.length + 1, name.length - end.length)
        .replace(/T(\d\d)-(\d\d)-/, "T$1:$2:");
      if ((maxBackups > 0 && index >= maxBackups) || Date.parse(`${time}Z`) < oldest)
        await rm(join(folder, name), { force: true });
    }
  }

  #name(): { folder: string; stem: string; end: string } {
    const end = extname(this.#path);
    return { folder: dirname(this.#path), stem: basename(this.#path, end), end };
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async dispose(): Promise<void> {
    await this.#writing;
    await this.#close();
  }
}
