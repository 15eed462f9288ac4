/** What this host speaks, newest first. */
export const hostContracts: Readonly<Record<string, readonly string[]>> = {
  plugin: ["v1"],
  cri: ["v1"],
  csi: ["v1"],
  cni: ["v1"],
  device: ["v1beta1"],
};

export type ChosenVersions =
  | { ok: true; chosen: Record<string, string>; supportWindow: string }
  | { ok: false; reason: string };

/** Picks the newest common version of each contract; the plugin's own contract must be among them. */
export function chooseVersions(
  offered: readonly { name: string; versions: readonly string[] }[],
  required: string,
  known: Readonly<Record<string, readonly string[]>> = hostContracts,
): ChosenVersions {
  const chosen: Record<string, string> = {};
  for (const offer of offered) {
    // What a plugin calls its contracts is its own affair: one may be called `constructor`.
    if (!Object.hasOwn(known, offer.name)) continue;
    const common = known[offer.name]?.find((version) => offer.versions.includes(version));
    if (common) chosen[offer.name] = common;
  }
  if (!chosen[required]) {
    const theirs = offered.find((offer) => offer.name === required)?.versions.join(", ") ?? "none";
    const ours = known[required]?.join(", ") ?? "none";
    return { ok: false, reason: `no common version of contract ${required}: plugin ${theirs}, host ${ours}` };
  }
  const supportWindow = Object.entries(known)
    .map(([name, versions]) => `${name} ${versions.join("/")}`)
    .join(", ");
  return { ok: true, chosen, supportWindow };
}
