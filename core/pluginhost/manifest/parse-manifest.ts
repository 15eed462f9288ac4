import { BerthError, errorMessage } from "@berth/base";
import { badManifest } from "../errors.ts";
import { badConfigSchema } from "./bad-config-schema.ts";
import { manifestSchema } from "./manifest-schema.ts";
import type { Manifest } from "./manifest.ts";
import { badMigration } from "./migrate-config.ts";
import { compileCheck } from "./schema-check.ts";

const checkManifest = compileCheck<Manifest>(manifestSchema);

/** Reads the text of a plugin.json. Throws {@link badManifest} with every problem it finds, `where` first. */
export function parseManifest(text: string, where: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new BerthError(badManifest, `${where} is not JSON: ${errorMessage(error)}`);
  }
  const outcome = checkManifest(json, where);
  if (!outcome.ok) throw new BerthError(badManifest, outcome.problems.join("; "));
  const manifest = outcome.value;
  const problem = contradiction(manifest);
  if (problem) throw new BerthError(badManifest, `${where}: ${problem}`);
  return manifest;
}

function contradiction(manifest: Manifest): string | undefined {
  if (!(manifest.contract in manifest.contractVersions)) {
    return `contract is ${manifest.contract}, but contractVersions does not name it`;
  }
  const ids = manifest.daemons.map((daemon) => daemon.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice) return `daemons declares ${twice} twice`;
  return badConfigSchema(manifest.config) ?? badMigration(manifest);
}
