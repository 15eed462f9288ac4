/** Each rule answers what is wrong with a name, a sentence for each mistake: none when it is good. */
export type NameRule = (name: string) => readonly string[];

const good: readonly string[] = [];
/** A pattern may not be led far through what is too long for a name anyway. */
const longestTested = 65_536;

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

function rule(pattern: RegExp, most: number, sentence: string, unit = "characters"): NameRule {
  const tooLong = `must be no more than ${most} ${unit}`;
  return (name) => {
    const isShort = name.length <= most;
    const isFit = name.length <= longestTested && pattern.test(name);
    if (isShort && isFit) return good;
    return [...(isShort ? good : [tooLong]), ...(isFit ? good : [sentence])];
  };
}

function explained(what: string, example: string, pattern: RegExp): string {
  return `${what} (e.g. ${example}, regex used for validation is '${pattern.source.replace(/^\^|\$$/g, "")}')`;
}

const dnsLabel = new RegExp(`^${label}$`);
const dnsSubdomain = new RegExp(`^${label}(\\.${label})*$`);
const searchDomain = /^_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;
const longestPart = 63;
const wildcard = new RegExp(`^\\*\\.${label}(\\.${label})*$`);
const dns1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const qualifiedPart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const mapKey = /^[-._a-zA-Z0-9]+$/;

const plainLabelRule = rule(
  dnsLabel,
  63,
  explained(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    "'my-name',  or '123-abc'",
    dnsLabel,
  ),
);

const noDots = ["must not contain dots"];

/** RFC 1123 label: namespaces, containers, volumes. */
export const dnsLabelRule: NameRule = (name) => {
  const wrong = plainLabelRule(name);
  const isSubdomain = wrong.length > 0 && name.includes(".") && dnsSubdomain.test(name);
  return isSubdomain ? [...wrong.slice(0, -1), ...noDots] : wrong;
};

const subdomainSentence = explained(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  "'example.com'",
  dnsSubdomain,
);
/** RFC 1123 subdomain: the name of most objects. */
export const dnsSubdomainRule = rule(dnsSubdomain, 253, subdomainSentence);
/** The same before the slash of a key, where lengths are told in bytes. */
const subdomainBytesRule = rule(dnsSubdomain, 253, subdomainSentence, "bytes");

/** A subdomain below a star, and all like it. */
export const wildcardRule = rule(
  wildcard,
  253,
  explained(
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    "'*.example.com'",
    wildcard,
  ),
);

/** Domains in which a resolver searches: as {@link dnsSubdomainRule}, with underscores. */
export const searchDomainRule = rule(
  searchDomain,
  253,
  explained(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
    "'example.com'",
    searchDomain,
  ),
);

/** RFC 1035 label: Services. */
export const dns1035LabelRule = rule(
  dns1035,
  63,
  explained(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    "'my-name',  or 'abc-123'",
    dns1035,
  ),
);

/** Names that become part of a URL path and no more: RBAC objects. */
export const pathSegmentRule: NameRule = (name) => {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((bad) => name.includes(bad)).map((bad) => `may not contain '${bad}'`);
};

const qualifiedNameSentence = explained(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  "'MyName',  or 'my.name',  or '123-abc'",
  qualifiedPart,
);

/** `[prefix/]name`: keys of labels and annotations, resource names. */
export const qualifiedNameRule: NameRule = (key) => {
  const slash = key.indexOf("/");
  if (slash < 0) return namePartRule(key);
  if (slash !== key.lastIndexOf("/")) {
    const prefixed = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a valid label key ${qualifiedNameSentence} ${prefixed}`];
  }
  return [...prefixPartRule(key.slice(0, slash)), ...namePartRule(key.slice(slash + 1))];
};

const namePartRule: NameRule = (name) => {
  const isFit = name.length <= longestTested && qualifiedPart.test(name);
  if (isFit && name.length <= longestPart) return good;
  const wrong = isFit ? [] : [`name part ${qualifiedNameSentence}`];
  if (name === "") return ["name part must be non-empty", ...wrong];
  return name.length > longestPart
    ? [`name part must be no more than ${longestPart} bytes`, ...wrong]
    : wrong;
};

const prefixPartRule: NameRule = (prefix) =>
  prefix === ""
    ? ["prefix part must be non-empty"]
    : subdomainBytesRule(prefix).map((sentence) => `prefix part ${sentence}`);

export const labelValueRule = rule(
  labelValue,
  63,
  explained(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    "'MyValue',  or 'my_value',  or '12345'",
    labelValue,
  ),
  "bytes",
);

/** Names of environment variables, in the relaxed form every printable name but `=` may have. */
export const environmentNameRule: NameRule = (name) => {
  if (name === "") return ["environment variable name must be non-empty"];
  return /^[\u0020-\u003c\u003e-\u007e]+$/.test(name) ? good : [printable];
};

const printable =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";

/** Keys of ConfigMaps and Secrets. */
export const configMapKeyRule: NameRule = (key) => {
  const wrong = plainKeyRule(key);
  if (!key.startsWith(".")) return wrong;
  if (key === "." || key === "..") return [...wrong, `must not be '${key}'`];
  return key.startsWith("..") ? [...wrong, "must not start with '..'"] : wrong;
};

const plainKeyRule = rule(
  mapKey,
  253,
  explained(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    "'key.name',  or 'KEY_NAME',  or 'key-name'",
    mapKey,
  ),
);

/** IANA service names: names of ports. */
export const portNameRule: NameRule = (name) => {
  const wrong: string[] = [];
  if (name.length > 15) wrong.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]+$/.test(name))
    wrong.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(name)) wrong.push("must contain at least one letter (a-z)");
  if (name.includes("--")) wrong.push("must not contain consecutive hyphens");
  if (/^-|-$/.test(name)) wrong.push("must not begin or end with a hyphen");
  return wrong;
};
