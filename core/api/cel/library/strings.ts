import { CelRuntimeError } from "../cel-error.ts";
import { type Cost, deepSize, member, type Overload, global, sizeOf, traversal } from "../declarations.ts";
import { formatText } from "./format-text.ts";

/** cel-go's string extension. Positions count code points. */
export function stringLibrary(): Overload[] {
  return [...searching(), ...changing(), ...joining()];
}

/** Characters by code point; most texts have one unit for each, which needs no copy. */
function points(text: string): string[] | string {
  return /[\ud800-\udfff]/.test(text) ? Array.from(text) : text;
}

function slice(text: string, start: number, end?: number): string {
  const units = points(text);
  return typeof units === "string" ? units.slice(start, end) : units.slice(start, end).join("");
}

function checked(index: bigint, size: number): number {
  if (index < 0n || index > BigInt(size)) throw new CelRuntimeError(`index out of range: ${index}`);
  return Number(index);
}

function toPoint(text: string, unit: number): bigint {
  return BigInt(unit < 0 ? -1 : points(text.slice(0, unit)).length);
}

function toUnit(text: string, point: number): number {
  return slice(text, 0, point).length;
}

function searching(): Overload[] {
  const cost: Cost = (a, b) => Math.ceil(sizeOf(a) * 0.1) * Math.max(1, Math.ceil(sizeOf(b) * 0.1));
  return [
    member("string.charAt(int): string", (text: string, index: bigint) => {
      const at = checked(index, points(text).length);
      return points(text)[at] ?? "";
    }),
    member(
      "string.indexOf(string): int",
      (text: string, part: string) => toPoint(text, text.indexOf(part)),
      cost,
    ),
    member(
      "string.indexOf(string, int): int",
      (text: string, part: string, from: bigint) => {
        const at = checked(from, points(text).length);
        return toPoint(text, text.indexOf(part, toUnit(text, at)));
      },
      cost,
    ),
    member(
      "string.lastIndexOf(string): int",
      (text: string, part: string) => toPoint(text, text.lastIndexOf(part)),
      cost,
    ),
    member(
      "string.lastIndexOf(string, int): int",
      (text: string, part: string, from: bigint) => {
        const at = checked(from, points(text).length);
        return toPoint(text, text.lastIndexOf(part, toUnit(text, at)));
      },
      cost,
    ),
    member(
      "string.substring(int): string",
      (text: string, start: bigint) => slice(text, checked(start, points(text).length)),
      traversal(),
    ),
    member(
      "string.substring(int, int): string",
      (text: string, start: bigint, end: bigint) => {
        const size = points(text).length;
        const [from, to] = [checked(start, size), checked(end, size)];
        if (from > to) throw new CelRuntimeError(`invalid substring range. start: ${start}, end: ${end}`);
        return slice(text, from, to);
      },
      traversal(),
    ),
  ];
}

function changing(): Overload[] {
  const replace = (text: string, from: string, to: string, most = -1n) => {
    if (most < 0n) return text.replaceAll(from, () => to);
    const parts = text.split(from);
    const kept = Number(most) < parts.length - 1 ? Number(most) : parts.length - 1;
    if (kept <= 0) return text;
    return [...parts.slice(0, kept), parts.slice(kept).join(from)].join(to);
  };
  // A replacement may make a text longer than both it and what it replaces.
  const cost: Cost = (text, _from, to) => Math.ceil(sizeOf(text) * 0.1 * Math.max(1, sizeOf(to)));
  return [
    member(
      "string.lowerAscii(): string",
      (text: string) => text.replace(/[A-Z]+/g, (one) => one.toLowerCase()),
      traversal(),
    ),
    member(
      "string.upperAscii(): string",
      (text: string) => text.replace(/[a-z]+/g, (one) => one.toUpperCase()),
      traversal(),
    ),
    member("string.trim(): string", (text: string) => text.trim(), traversal()),
    member("string.replace(string, string): string", replace, cost),
    member("string.replace(string, string, int): string", replace, cost),
    member("string.format(list<dyn>): string", formatText, (text, list) =>
      Math.ceil((sizeOf(text) + deepSize(list)) * 0.1),
    ),
    global("strings.quote(string): string", (text: string) => JSON.stringify(text), traversal()),
  ];
}

function joining(): Overload[] {
  const join = (list: readonly string[], between = "") => list.join(between);
  const joinCost: Cost = (list) => Math.ceil((sizeOf(list) + deepSize(list)) * 0.1);
  return [
    member("string.split(string): list<string>", (text: string, by: string) => text.split(by), traversal()),
    member(
      "string.split(string, int): list<string>",
      (text: string, by: string, most: bigint) => {
        if (most === 0n) return [];
        const parts = text.split(by);
        if (most < 0n || BigInt(parts.length) <= most) return parts;
        const kept = Number(most) - 1;
        return [...parts.slice(0, kept), parts.slice(kept).join(by)];
      },
      traversal(),
    ),
    member("list<string>.join(): string", join, joinCost),
    member("list<string>.join(string): string", join, joinCost),
  ];
}
