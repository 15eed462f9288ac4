const prefix = "pod-security.kubernetes.io/";
const modes = ["enforce", "audit", "warn"] as const;

export type SecurityMode = (typeof modes)[number];
export const securityLevels = ["privileged", "baseline", "restricted"] as const;
export type SecurityLevel = (typeof securityLevels)[number];

/** What a namespace asks for in one mode. */
export interface SecurityPolicy {
  readonly level: SecurityLevel;
  /** `latest` or `v1.30`; shown, and read as the newest. */
  readonly version: string;
}

type Labels = Readonly<Record<string, string>> | undefined;

/** undefined where nothing is asked for. */
export function policyOf(labels: Labels, mode: SecurityMode): SecurityPolicy | undefined {
  const level = labels?.[prefix + mode];
  if (level === undefined || !isLevel(level) || level === "privileged") return undefined;
  return { level, version: labels?.[`${prefix}${mode}-version`] ?? "latest" };
}

function isLevel(text: string): text is SecurityLevel {
  return (securityLevels as readonly string[]).includes(text);
}

/** `restricted:latest` */
export function policyText({ level, version }: SecurityPolicy): string {
  return `${level}:${version}`;
}

/** Labels with values that mean nothing. */
export function wrongLabels(labels: Labels): { label: string; value: string; why: string }[] {
  return modes.flatMap((mode) => {
    const [level, version] = [labels?.[prefix + mode], labels?.[`${prefix}${mode}-version`]];
    const wrong: { label: string; value: string; why: string }[] = [];
    if (level !== undefined && !isLevel(level))
      wrong.push({ label: prefix + mode, value: level, why: `must be one of ${securityLevels.join(", ")}` });
    if (version !== undefined && version !== "latest" && !/^v1\.\d+$/.test(version))
      wrong.push({
        label: `${prefix}${mode}-version`,
        value: version,
        why: `must be "latest" or "v1.x"`,
      });
    return wrong;
  });
}
