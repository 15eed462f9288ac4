import { BerthError, errorCatalogue } from "@berth/base";
import { databaseFailed } from "@berth/sqlite";

import type { Engine } from "./engine.ts";

/** What the store's worker thread is given at its start. */
export interface WorkerSettings {
  readonly path: string;
  readonly revisionOffset: number | undefined;
}

/** A question to the worker: a method of the engine and its arguments. Answers come back in the order of questions. */
export interface WorkerRequest {
  readonly method: Exclude<keyof Engine, "info">;
  readonly args: readonly unknown[];
}

export type WorkerAnswer = { readonly result: unknown } | { readonly problem: WorkerProblem };

/** A BerthError on its way between threads. */
export interface WorkerProblem {
  readonly code: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export function toProblem(error: unknown): WorkerProblem {
  if (error instanceof BerthError) {
    return { code: error.code, message: error.message, fields: { ...error.fields } };
  }
  return { code: databaseFailed.code, message: `the store's worker failed: ${String(error)}`, fields: {} };
}

export function fromProblem(problem: WorkerProblem): BerthError {
  const definition = errorCatalogue.get(problem.code) ?? databaseFailed;
  return new BerthError(definition, problem.message, { fields: problem.fields });
}

/** A message whose values lie one after the other in one transferred buffer. */
export interface Packed<T> {
  readonly message: T;
  readonly bytes: ArrayBuffer;
}

/**
 * Moves every value of a message into one buffer that changes hands without being copied; a structured clone would
 * copy each value, and for a value inside a pool the whole pool.
 */
export function pack<T>(message: T): Packed<T> {
  const values: Uint8Array[] = [];
  const lean = mapValues(message, (value) => {
    values.push(value);
    return value.byteLength as unknown as Uint8Array;
  });
  const bytes = new Uint8Array(values.reduce((sum, value) => sum + value.byteLength, 0));
  let offset = 0;
  for (const value of values) {
    bytes.set(value, offset);
    offset += value.byteLength;
  }
  return { message: lean, bytes: bytes.buffer };
}

/** Undoes {@link pack}. Values are copied out, so that keeping one does not keep the whole message. */
export function unpack<T>({ message, bytes }: Packed<T>): T {
  let offset = 0;
  return mapValues(message, (length) => {
    const value = Buffer.from(Buffer.from(bytes, offset, length as unknown as number));
    offset += value.byteLength;
    return value;
  });
}

/** In every message a field named `value` holds bytes, and nothing else does. Visits them in a fixed order. */
function mapValues<T>(message: T, change: (value: Uint8Array) => Uint8Array): T {
  if (Array.isArray(message)) return message.map((part) => mapValues(part, change)) as T;
  if (typeof message !== "object" || message === null) return message;
  const copy: Record<string, unknown> = {};
  for (const name in message) {
    const field = message[name];
    copy[name] = name === "value" ? change(field as Uint8Array) : mapValues(field, change);
  }
  return copy as T;
}
