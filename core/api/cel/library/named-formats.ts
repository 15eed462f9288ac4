import {
  dns1035LabelRule,
  dnsLabelRule,
  dnsSubdomainRule,
  labelValueRule,
  type NameRule,
  qualifiedNameRule,
} from "../../names/name-rules.ts";
import { global, member, type Overload, traversal } from "../declarations.ts";
import { parseTimestamp } from "../time-values.ts";
import { Opaque, Optional } from "../values.ts";

class FormatValue extends Opaque {
  readonly celType = "kubernetes.NamedFormat";
  readonly name: string;
  readonly rule: NameRule;

  constructor(name: string, rule: NameRule) {
    super();
    this.name = name;
    this.rule = rule;
  }

  equals(other: FormatValue): boolean {
    return this.name === other.name;
  }
}

/** A prefix ends in a dash or not; what follows is generated. */
const prefixed =
  (rule: NameRule): NameRule =>
  (name) =>
    rule(name.replace(/-$/, "") || name);

const matching =
  (pattern: RegExp, sentence: string): NameRule =>
  (text) =>
    told(pattern.test(text), sentence);

const told = (isGood: boolean, sentence: string): string[] => (isGood ? [] : [sentence]);

const rules: Readonly<Record<string, NameRule>> = {
  dns1123Label: dnsLabelRule,
  dns1123Subdomain: dnsSubdomainRule,
  dns1035Label: dns1035LabelRule,
  qualifiedName: qualifiedNameRule,
  dns1123LabelPrefix: prefixed(dnsLabelRule),
  dns1123SubdomainPrefix: prefixed(dnsSubdomainRule),
  dns1035LabelPrefix: prefixed(dns1035LabelRule),
  labelValue: labelValueRule,
  uri: (text) =>
    told(URL.canParse(text) || (text.startsWith("/") && !/\s/.test(text)), "must be a valid URI"),
  uuid: matching(/^[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i, "does not match the UUID format"),
  byte: matching(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, "invalid base64"),
  date: (text) => told(/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)), "invalid date"),
  datetime: (text) => told(parseTimestamp(text) !== undefined, "invalid datetime"),
};

/** Kubernetes' `format.dns1123Label().validate("…")`: an optional list of what is wrong. */
export function namedFormatLibrary(): Overload[] {
  const formats = new Map(Object.entries(rules).map(([name, rule]) => [name, new FormatValue(name, rule)]));
  return [
    ...[...formats].map(([name, format]) => global(`format.${name}(): kubernetes.NamedFormat`, () => format)),
    global(
      "format.named(string): optional<kubernetes.NamedFormat>",
      (name: string) => new Optional(formats.get(name)),
    ),
    member(
      "kubernetes.NamedFormat.validate(string): optional<list<string>>",
      ({ rule }: FormatValue, text: string) => {
        const wrong = rule(text);
        return wrong.length === 0 ? Optional.none : new Optional([...wrong]);
      },
      traversal(1),
    ),
  ];
}
