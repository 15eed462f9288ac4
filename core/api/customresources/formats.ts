import { parseDurationText, wordedDuration } from "../cel/time-values.ts";
import { dnsLabelRule, dnsSubdomainRule } from "../names/name-rules.ts";
import { childrenOf, type Schema } from "./schema.ts";
import { isCidr, isIpv4, isIpv6 } from "../names/ip-rules.ts";

type FormatRule = (text: string) => boolean;

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const uuidOf = (version: number): RegExp =>
  new RegExp(
    `^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${version > 3 ? "[89ab]" : "[0-9a-f]"}[0-9a-f]{3}-?[0-9a-f]{12}$`,
    "i",
  );
const hostLetter = "[a-zA-Z0-9\\p{S}\\p{L}]";
/** One label, or several of which the last is a word. */
const hostname = new RegExp(
  `^(?:${hostLetter}(?:-?${hostLetter}{0,62})?|(?:${hostLetter}(?:(?:[-]|${hostLetter}){0,61}${hostLetter})?\\.)+[a-zA-Z\\p{L}]{2,63})$`,
  "u",
);
const date = /^\d{4}-\d{2}-\d{2}$/;
const dateTime =
  /^\d{4}-\d{2}-\d{2}[tT](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[zZ]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;

const isDate = (text: string): boolean => {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};

const isHostname = (text: string): boolean =>
  hostname.test(text) && text.length <= 255 && text.split(".").every((part) => part.length <= 63);

/** Leading zeros count for nothing. */
const isLooseIpv4 = (text: string): boolean => isIpv4(text.replaceAll(/(^|\.)0+(?=\d)/g, "$1"));

const colour = "\\s*(?:0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*";
const rgbColour = new RegExp(`^rgb\\(${colour},${colour},${colour}\\)$`);
const mac =
  /^(?:[\da-f]{2}(?:(:|-)[\da-f]{2}(?:\1[\da-f]{2}){4}(?:\1[\da-f]{2}){0,14}|[\da-f]{10})|(?:[\da-f]{4}\.){2,9}[\da-f]{4})$/i;
/** Of 48, 64 and 160 bits. */
const isMac = (text: string): boolean =>
  mac.test(text) && [12, 16, 40].includes(text.replaceAll(/[^\da-f]/gi, "").length);

/** Numbers by which payments and books are known end in a digit that the others tell. */
const card =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/;
function isCard(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "");
  const sum = Array.from(digits)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return card.test(digits) && sum % 10 === 0;
}

function isShortIsbn(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, "");
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const values = Array.from(digits).map((digit) => (digit === "X" ? 10 : Number(digit)));
  return values.reduce((sum, value, index) => sum + value * (index + 1), 0) % 11 === 0;
}

function isLongIsbn(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, "");
  if (!/^\d{13}$/.test(digits)) return false;
  return (
    Array.from(digits).reduce((sum, digit, index) => sum + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) %
      10 ===
    0
  );
}

/** `A <a@example.com>`, or the address alone. */
const isEmail = (text: string): boolean =>
  /^(?:[^<>@]*<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)$/.test(text);

/** Formats that are checked, without dashes; others say something to people only. */
const rules: Readonly<Record<string, FormatRule>> = {
  date: (text) => date.test(text) && isDate(text),
  datetime: (text) => dateTime.test(text) && isDate(text.slice(0, 10)),
  email: isEmail,
  hostname: isHostname,
  ipv4: isLooseIpv4,
  ipv6: isIpv6,
  cidr: isCidr,
  mac: isMac,
  uri: (text) => URL.canParse(text) || (text.startsWith("/") && URL.canParse(text, "http://host")),
  uuid: (text) => uuid.test(text),
  uuid3: (text) => uuidOf(3).test(text),
  uuid4: (text) => uuidOf(4).test(text),
  uuid5: (text) => uuidOf(5).test(text),
  byte: (text) =>
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/.test(text),
  duration: (text) => (parseDurationText(text) ?? wordedDuration(text)) !== undefined,
  hexcolor: (text) => /^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  rgbcolor: (text) => rgbColour.test(text),
  creditcard: isCard,
  isbn: (text) => isShortIsbn(text) || isLongIsbn(text),
  isbn10: isShortIsbn,
  isbn13: isLongIsbn,
  ssn: (text) => /^\d{3}[- ]\d{2}[- ]\d{4}$/.test(text),
  k8sshortname: (text) => dnsLabelRule(text).length === 0,
  k8slongname: (text) => dnsSubdomainRule(text).length === 0,
};

const numberFormats: Readonly<Record<string, readonly string[]>> = {
  integer: ["int32", "int64"],
  number: ["float", "double"],
};

/** Formats that nobody checks, in a schema and all that is in it. */
export function unknownFormats(schema: Schema): string[] {
  const { type, format, allOf = [], anyOf = [], oneOf = [], not } = schema;
  const isText = type === undefined || type === "" || type === "string";
  const known = isText
    ? format === "password" || (format && formatRule(format))
    : numberFormats[type]?.includes(format ?? "");
  const inner = [...childrenOf(schema), ...allOf, ...anyOf, ...oneOf, ...(not ? [not] : [])];
  return [...(format && !known ? [format] : []), ...inner.flatMap(unknownFormats)];
}

export function formatRule(format: string): FormatRule | undefined {
  const name = format.replaceAll("-", "");
  return Object.hasOwn(rules, name) ? rules[name] : undefined;
}
