import { exactInteger } from "../json/raw-number.ts";
import { formatDuration } from "../time/duration.ts";
import { fail, type WireReader } from "./wire-reader.ts";

/** Values of a message's fields by number; of a repeated one the last. */
type Fields = ReadonlyMap<number, bigint | Uint8Array>;

const utf8 = new TextDecoder("utf-8", { fatal: true });
const latestSecond = 253_402_300_799n;

/** Messages whose JSON is a plain value; each answers `null` for the zero value JSON leaves out. */
export const specialMessages: Readonly<Record<string, (reader: WireReader) => unknown>> = {
  quantity: (reader) => text(readAll(reader).get(1)),
  intstr: (reader) => {
    const fields = readAll(reader);
    return signed(fields.get(1)) === 1n
      ? text(fields.get(3))
      : Number(BigInt.asIntN(32, signed(fields.get(2))));
  },
  time: (reader) => time(readAll(reader), () => "Z"),
  microtime: (reader) =>
    time(
      readAll(reader),
      (nanos) =>
        `.${Math.floor(nanos / 1000)
          .toString()
          .padStart(6, "0")}Z`,
    ),
  duration: (reader) => formatDuration(signed(readAll(reader).get(1))),
};

export function int64(value: bigint): unknown {
  return exactInteger(BigInt.asIntN(64, value).toString());
}

/** The bytes of field 1, where raw extensions and JSON values keep their text. */
export function rawBytes(reader: WireReader): Uint8Array | undefined {
  const value = readAll(reader).get(1);
  return value instanceof Uint8Array && value.length > 0 ? value : undefined;
}

function time(fields: Fields, fraction: (nanos: number) => string): unknown {
  if (fields.size === 0) return null;
  const seconds = signed(fields.get(1));
  if (seconds < -62_135_596_800n || seconds > latestSecond) fail(`the time ${seconds} s is out of range`);
  if (seconds === -62_135_596_800n) return null;
  const iso = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return iso + fraction(Number(signed(fields.get(2))));
}

function readAll(reader: WireReader): Fields {
  const fields = new Map<number, bigint | Uint8Array>();
  while (!reader.atEnd) {
    const { number, wire } = reader.tag();
    if (wire === 0) fields.set(number, reader.varint());
    else if (wire === 2) fields.set(number, reader.bytes());
    else reader.skip(wire);
  }
  return fields;
}

const signed = (value: bigint | Uint8Array | undefined): bigint =>
  typeof value === "bigint" ? BigInt.asIntN(64, value) : 0n;

function text(value: bigint | Uint8Array | undefined): string {
  if (!(value instanceof Uint8Array)) return "";
  try {
    return utf8.decode(value);
  } catch {
    return fail("a string is not UTF-8 text");
  }
}
