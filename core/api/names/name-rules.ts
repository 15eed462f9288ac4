/** Each rule answers what is wrong with a name, as one sentence, or undefined when it is good. */
export type NameRule = (name: string) => string | undefined;

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

function rule(pattern: RegExp, most: number, sentence: string): NameRule {
  return (name) => {
    if (name.length > most) return `must be no more than ${most} ${most === 1 ? "byte" : "bytes"}`;
    return pattern.test(name) ? undefined : sentence;
  };
}

function explained(what: string, example: string, pattern: RegExp): string {
  return `${what} (e.g. ${example}, regex used for validation is '${pattern.source.replace(/^\^|\$$/g, "")}')`;
}

const dnsLabel = new RegExp(`^${label}$`);
const dnsSubdomain = new RegExp(`^${label}(\\.${label})*$`);
const dns1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const qualifiedPart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const environmentName = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const mapKey = /^[-._a-zA-Z0-9]+$/;

/** RFC 1123 label: namespaces, containers, volumes. */
export const dnsLabelRule = rule(
  dnsLabel,
  63,
  explained(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    "'my-name',  or '123-abc'",
    dnsLabel,
  ),
);

/** RFC 1123 subdomain: the name of most objects. */
export const dnsSubdomainRule = rule(
  dnsSubdomain,
  253,
  explained(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    "'example.com'",
    dnsSubdomain,
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
  if (name === "." || name === "..") return `may not be '${name}'`;
  const bad = /[/%]/.exec(name)?.[0];
  return bad ? `may not contain '${bad}'` : undefined;
};

const qualifiedNameSentence = (what: string): string =>
  explained(
    `${what} must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
    "'MyName',  or 'my.name',  or '123-abc'",
    qualifiedPart,
  );

/** `[prefix/]name`: keys of labels and annotations, resource names. */
export const qualifiedNameRule: NameRule = (name) => {
  const parts = name.split("/");
  if (parts.length > 2) {
    return `${qualifiedNameSentence("a valid label key")} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
  }
  const own = parts.at(-1)!;
  if (parts.length === 2) {
    if (parts[0] === "") return "prefix part must be non-empty";
    const wrong = dnsSubdomainRule(parts[0]!);
    if (wrong) return `prefix part ${wrong}`;
  }
  if (own === "") return "name part must be non-empty";
  if (own.length > 63) return "name part must be no more than 63 bytes";
  return qualifiedPart.test(own) ? undefined : qualifiedNameSentence("name part");
};

export const labelValueRule = rule(
  labelValue,
  63,
  explained(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    "'MyValue',  or 'my_value',  or '12345'",
    labelValue,
  ),
);

/** Names of environment variables, in the relaxed form every printable name but `=` may have. */
export const environmentNameRule: NameRule = (name) =>
  /^[\u0020-\u003c\u003e-\u007e]+$/.test(name)
    ? undefined
    : "a valid environment variable name must consist only of printable ASCII characters other than '='";

/** The strict form, for keys that become variables by envFrom. */
export const strictEnvironmentNameRule = rule(
  environmentName,
  1024,
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
);

/** Keys of ConfigMaps and Secrets. */
export const configMapKeyRule: NameRule = (key) => {
  if (key === "." || key === "..") return `must not be '${key}'`;
  if (key.startsWith("..")) return "must not start with '..'";
  if (key.length > 253) return "must be no more than 253 bytes";
  return mapKey.test(key)
    ? undefined
    : explained(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        "'key.name',  or 'KEY_NAME',  or 'key-name'",
        mapKey,
      );
};

/** IANA service names: names of ports. */
export const portNameRule: NameRule = (name) => {
  if (name.length > 15) return "must be no more than 15 characters";
  if (!/^[-a-z0-9]+$/.test(name))
    return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
  if (!/[a-z]/.test(name)) return "must contain at least one letter (a-z)";
  if (name.includes("--")) return "must not contain consecutive hyphens";
  return /^-|-$/.test(name) ? "must not begin or end with a hyphen" : undefined;
};
