import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { BerthError, errorMessage } from "@berth/base";
import { storeFileUnreadable } from "../errors.ts";
import { exportDamaged } from "./errors.ts";

/**
 * An export is text, one JSON document a line: a head, the items in key order, and an end that counts the items and has the
 * SHA-256 of every byte before it. A file without its end was cut short and is refused.
 */
export interface ExportHead {
  readonly format: "berth.dev/store-export";
  readonly version: 1;
  /** Id of the store it was made of. */
  readonly store: string;
  /** At which everything was read. A store made of this file begins above it. */
  readonly revision: number;
}

export interface ExportItem {
  readonly key: string;
  /** Base64 of the bytes as they lie in the store; encrypted ones stay encrypted. */
  readonly value: string;
  /** Seconds left at the time of the export, for what ends by itself. */
  readonly ttlSeconds?: number;
}

export interface ExportEnd {
  readonly items: number;
  readonly sha256: string;
}

/** Reads the file line by line, never all of it. @throws BERTH_STORE_FILE_UNREADABLE, _EXPORT_DAMAGED with the line */
export async function* readExport(
  path: string,
): AsyncGenerator<{ head: ExportHead } | { item: ExportItem } | { end: ExportEnd }> {
  const hash = createHash("sha256");
  let number = 0;
  let items = 0;
  let end: ExportEnd | undefined;
  for await (const line of linesOf(path)) {
    number++;
    const damaged = (why: string): BerthError =>
      new BerthError(exportDamaged, `${path}, line ${number}: ${why}`, { fields: { path, line: number } });
    if (end) throw damaged("something follows the end");
    const document = parse(line);
    if (!document) throw damaged("this is not JSON");
    if (number === 1) {
      if (!isHead(document)) throw damaged("this is not the head of an export of version 1");
      yield { head: document };
    } else if (isEnd(document)) {
      if (document.items !== items)
        throw damaged(`${document.items} items are announced, ${items} are there`);
      if (document.sha256 !== hash.digest("hex"))
        throw damaged("the checksum is another: something was changed");
      end = document;
      yield { end };
    } else if (isItem(document)) {
      items++;
      yield { item: document };
    } else throw damaged("this is neither an item nor the end");
    if (!end) hash.update(`${line}\n`);
  }
  if (!end)
    throw new BerthError(exportDamaged, `${path} was cut short after line ${number}: its end is missing`);
}

async function* linesOf(path: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw new BerthError(storeFileUnreadable, `${path} cannot be read: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

/** Reads all of it and keeps nothing. */
export async function checkExport(path: string): Promise<{ head: ExportHead; end: ExportEnd }> {
  let head: ExportHead | undefined;
  let end: ExportEnd | undefined;
  for await (const part of readExport(path)) {
    if ("head" in part) head = part.head;
    if ("end" in part) end = part.end;
  }
  return { head: head!, end: end! };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isHead(value: object): value is ExportHead {
  const { format, version, store, revision } = value as Partial<ExportHead>;
  const isOurs = format === "berth.dev/store-export" && version === 1;
  return isOurs && typeof store === "string" && Number.isSafeInteger(revision);
}

function isItem(value: object): value is ExportItem {
  const { key, value: bytes, ttlSeconds } = value as Partial<ExportItem>;
  const isTtl = ttlSeconds === undefined || Number.isSafeInteger(ttlSeconds);
  return typeof key === "string" && typeof bytes === "string" && isTtl;
}

function isEnd(value: object): value is ExportEnd {
  const { items, sha256 } = value as Partial<ExportEnd>;
  return Number.isSafeInteger(items) && typeof sha256 === "string";
}
