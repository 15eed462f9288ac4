import { BerthError } from "@berth/base";
import { checkConfig as checkAgainst, ConfigError } from "@berth/verbs";
import { badConfig } from "../errors.ts";
import type { Manifest } from "./manifest.ts";
import { renameHints } from "./migrate-config.ts";

/**
 * spec.config with the manifest's defaults filled in. Throws {@link badConfig} naming each wrong key. The same check
 * runs in the plugin, so the two cannot disagree about what is valid.
 */
export function checkConfig(
  manifest: Pick<Manifest, "config" | "configMigrations">,
  config: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> {
  try {
    return checkAgainst(manifest.config, config ?? {});
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const reasons = [error.message, ...renameHints(manifest, config ?? {})];
    throw new BerthError(badConfig, `spec.config: ${reasons.join("; ")}`);
  }
}
