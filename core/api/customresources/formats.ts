import { parseDurationText, wordedDuration } from "../cel/time-values.ts";
import { dnsLabelRule, dnsSubdomainRule } from "../names/name-rules.ts";
import { cidrRule, isIpv4, isIpv6 } from "../names/ip-rules.ts";

type FormatRule = (text: string) => boolean;

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const uuidOf = (version: number): RegExp =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, "i");
const label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const hostname = new RegExp(`^(?=.{1,255}$)${label}(?:\\.${label})*\\.?$`);
const date = /^\d{4}-\d{2}-\d{2}$/;
const dateTime =
  /^\d{4}-\d{2}-\d{2}[tT](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[zZ]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;

const isDate = (text: string): boolean => {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};

/** Formats that are checked; others say something to people only. */
const rules: Readonly<Record<string, FormatRule>> = {
  date: (text) => date.test(text) && isDate(text),
  "date-time": (text) => dateTime.test(text) && isDate(text.slice(0, 10)),
  email: (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text),
  hostname: (text) => hostname.test(text),
  ipv4: isIpv4,
  ipv6: isIpv6,
  cidr: (text) => cidrRule(text).length === 0,
  mac: (text) => /^(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}$/.test(text),
  uri: (text) => URL.canParse(text) || (text.startsWith("/") && URL.canParse(text, "http://host")),
  uuid: (text) => uuid.test(text),
  uuid3: (text) => uuidOf(3).test(text),
  uuid4: (text) => uuidOf(4).test(text),
  uuid5: (text) => uuidOf(5).test(text),
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
  duration: (text) => (parseDurationText(text) ?? wordedDuration(text)) !== undefined,
  hexcolor: (text) => /^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  "k8s-short-name": (text) => dnsLabelRule(text) === undefined,
  "k8s-long-name": (text) => dnsSubdomainRule(text) === undefined,
};

export function formatRule(format: string): FormatRule | undefined {
  return Object.hasOwn(rules, format) ? rules[format] : undefined;
}
