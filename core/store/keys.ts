import { BerthError } from "@berth/base";

import { storeKeyInvalid, storeOptionInvalid, storeValueTooLarge } from "./errors.ts";
import { maxKeyBytes, maxValueBytes } from "./store.ts";

/** Orders strings by their UTF-8 bytes, as SQLite and etcd do; JavaScript's own order differs above U+FFFF. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return utf8Rank(left) - utf8Rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above U+FFFF, so they rank after every other unit. */
function utf8Rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Longer than any key may be, and of the greatest character: above every key. */
const aboveAll = "\u{10ffff}".repeat(maxKeyBytes / 4 + 1);

/** A bound above every key with this prefix and not above any other key. */
export function prefixEnd(prefix: string): string {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === 0x10ffff) continue;
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return aboveAll;
}

/** The least possible key above this one: keys have no characters below U+0020. */
export function keyAfter(key: string): string {
  return `${key}\u0001`;
}

/** Where a listing of the prefix begins when it goes on after a key. */
export function rangeStart(prefix: string, afterKey: string | undefined): string {
  return afterKey !== undefined && compareKeys(afterKey, prefix) >= 0 ? keyAfter(afterKey) : prefix;
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u001f\u007f]/;

export function checkKey(key: string): void {
  if (key === "") throw new BerthError(storeKeyInvalid, "a store key may not be empty");
  checkPrefix(key);
}

export function checkPrefix(prefix: string): void {
  if (control.test(prefix) || !prefix.isWellFormed()) {
    throw new BerthError(
      storeKeyInvalid,
      `store key ${JSON.stringify(prefix)} has control or broken characters`,
    );
  }
  const bytes = prefix.length * 3 > maxKeyBytes ? Buffer.byteLength(prefix) : 0;
  if (bytes > maxKeyBytes) {
    throw new BerthError(storeKeyInvalid, `store key of ${bytes} bytes is over the limit of ${maxKeyBytes}`, {
      fields: { key: prefix.slice(0, 100) },
    });
  }
}

export function checkValue(key: string, value: Uint8Array): void {
  if (value.byteLength > maxValueBytes) {
    throw new BerthError(
      storeValueTooLarge,
      `the value of ${key} has ${value.byteLength} bytes, over the limit of ${maxValueBytes}`,
    );
  }
}

export function checkWhole(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new BerthError(
    storeOptionInvalid,
    `${name} is ${value}; it must be a whole number of ${least} or more`,
  );
}
