import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";

import { BerthError, type Clock, errorMessage, systemClock } from "@berth/base";
import { databaseCorrupt, databaseError, databaseFailed } from "@berth/sqlite";

import type { Engine, RemoteEngine } from "./engine.ts";
import { EngineStore } from "./engine-store.ts";
import type { Store, StoreInfo } from "./store.ts";
import {
  fromProblem,
  pack,
  type Packed,
  unpack,
  type WorkerAnswer,
  type WorkerRequest,
  type WorkerSettings,
} from "./worker-messages.ts";

export interface SqliteStoreOptions {
  /** Of the store file; its directory is made (0700) if there is none. */
  readonly path: string;
  readonly clock?: Clock;
  /** For a file that does not exist yet: see StoreInfo.revisionOffset. */
  readonly revisionOffset?: number;
  /** The compiled sqlite-worker.ts, where a bundle keeps it elsewhere than beside itself. */
  readonly workerUrl?: URL;
}

/**
 * Opens the store file, creating it if there is none, and holds it until close.
 * @throws DATABASE_LOCKED with the holder's pid, _CORRUPT, _NEWER_FORMAT, _FOREIGN, _READ_ONLY, _FULL
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const settings: WorkerSettings = { path: options.path, revisionOffset: options.revisionOffset };
  const worker = new Worker(options.workerUrl ?? defaultWorkerUrl(), { workerData: settings });
  const line = new WorkerLine(worker, options.path);
  const info = (await line.next()) as StoreInfo;
  return new EngineStore(engineOver(line, info), options.clock ?? systemClock);
}

/** Lets SQLite judge a file that nobody has open. @throws DATABASE_CORRUPT with what it found */
export function checkFile(path: string): void {
  const db = new DatabaseSync(path);
  try {
    const found = db.prepare("PRAGMA integrity_check").all();
    const text = found.map((row) => String(row["integrity_check"])).join("; ");
    if (text !== "ok") throw new BerthError(databaseCorrupt, `the store file ${path} is damaged: ${text}`);
  } catch (error) {
    throw databaseError(error, { what: "store", path });
  } finally {
    db.close();
  }
}

function defaultWorkerUrl(): URL {
  return new URL(
    import.meta.url.endsWith(".ts") ? "./sqlite-worker.ts" : "./sqlite-worker.js",
    import.meta.url,
  );
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Questions to a worker and its answers, matched by their order. */
class WorkerLine {
  readonly died: Promise<never>;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #waiting: Waiting[] = [];
  #closing = false;
  #dead: BerthError | undefined;

  constructor(worker: Worker, path: string) {
    this.#worker = worker;
    const died = Promise.withResolvers<never>();
    // Whoever does not listen must not be ended by an unhandled rejection.
    died.promise.catch(() => {});
    this.died = died.promise;
    const exited = Promise.withResolvers<void>();
    this.#exited = exited.promise;
    worker.on("message", (packed: Packed<WorkerAnswer>) => this.#answer(unpack(packed)));
    worker.on("error", (error) => {
      this.#dead ??= new BerthError(
        databaseFailed,
        `the worker of the store file ${path} died: ${errorMessage(error)}`,
        {
          cause: error,
        },
      );
    });
    worker.on("exit", () => {
      exited.resolve();
      if (this.#closing) return;
      const dead = (this.#dead ??= new BerthError(
        databaseFailed,
        `the worker of the store file ${path} ended`,
      ));
      for (const { reject } of this.#waiting.splice(0)) reject(dead);
      died.reject(dead);
    });
  }

  /** The next answer, without a question. */
  next(): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  ask(request: WorkerRequest): Promise<unknown> {
    if (this.#dead) return Promise.reject(this.#dead);
    const packed = pack(request);
    this.#worker.postMessage(packed, [packed.bytes]);
    return this.next();
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (!this.#dead) await this.ask({ method: "close", args: [] });
    await this.#exited;
  }

  #answer(answer: WorkerAnswer): void {
    const waiting = this.#waiting.shift();
    if (!waiting) throw new Error("the store's worker answered a question nobody asked");
    if ("problem" in answer) waiting.reject(fromProblem(answer.problem));
    else waiting.resolve(answer.result);
  }
}

function engineOver(line: WorkerLine, info: StoreInfo): RemoteEngine {
  const ask =
    <Name extends Exclude<keyof Engine, "info" | "close">>(method: Name) =>
    (...args: Parameters<Engine[Name]>): Promise<ReturnType<Engine[Name]>> =>
      line.ask({ method, args }) as Promise<ReturnType<Engine[Name]>>;
  return {
    info,
    died: line.died,
    state: ask("state"),
    apply: ask("apply"),
    get: ask("get"),
    list: ask("list"),
    count: ask("count"),
    lifetimes: ask("lifetimes"),
    history: ask("history"),
    expired: ask("expired"),
    compact: ask("compact"),
    close: () => line.close(),
  };
}
