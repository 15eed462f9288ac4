import { BerthError, nearestName } from "@berth/base";
import { badManifest } from "../errors.ts";

/** Replaces each `${name}`; an unknown name is an error, because an empty path is worse than none. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, string>>,
  where: string,
): string {
  return template.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (Object.hasOwn(values, name)) return values[name]!;
    const near = nearestName(name, Object.keys(values));
    const known = near ? `did you mean \${${near}}?` : `known are ${Object.keys(values).join(", ")}`;
    throw new BerthError(
      badManifest,
      `plugin.json: ${where} uses \${${name}}, which does not exist; ${known}`,
    );
  });
}
