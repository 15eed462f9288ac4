import type { Manifest } from "../manifest/manifest.ts";

export interface Description {
  readonly id: string;
  readonly version: string;
  readonly contracts: readonly { name: string; versions: readonly string[] }[];
}

/** A plugin that offers less than its manifest says is refused; one that offers more is warned about. */
export function compareDescription(
  manifest: Pick<Manifest, "id" | "version" | "contractVersions">,
  description: Description,
): { problems: string[]; warnings: string[] } {
  const problems: string[] = [];
  const warnings: string[] = [];
  if (description.id !== manifest.id) {
    problems.push(`it says that it is ${description.id}, but plugin.json says ${manifest.id}`);
  }
  if (description.version !== manifest.version) {
    problems.push(
      `it says that it is version ${description.version}, but plugin.json says ${manifest.version}`,
    );
  }
  const offered = new Map(description.contracts.map(({ name, versions }) => [name, versions]));
  for (const [name, versions] of Object.entries(manifest.contractVersions)) {
    const lacking = versions.filter((version) => !offered.get(name)?.includes(version));
    if (lacking.length > 0) {
      problems.push(`plugin.json promises ${name} ${lacking.join(", ")}, which it does not serve`);
    }
  }
  for (const [name, versions] of offered) {
    const promised = Object.hasOwn(manifest.contractVersions, name) ? manifest.contractVersions[name] : [];
    const extra = versions.filter((version) => !promised?.includes(version));
    if (extra.length > 0)
      warnings.push(`it serves ${name} ${extra.join(", ")}, which plugin.json does not promise`);
  }
  return { problems, warnings };
}
