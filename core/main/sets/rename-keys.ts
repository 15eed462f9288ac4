import { isDeepStrictEqual } from "node:util";
import { BerthError, errorMessage, isBerthError } from "@berth/base";
import { mergePatch, type PluginSpec } from "../../api/index.ts";
import { badConfig } from "../../pluginhost/errors.ts";
import {
  migrateConfig,
  type RenamedKey,
  renameLines,
  renamePatch,
} from "../../pluginhost/manifest/migrate-config.ts";
import type { LoginOptions, PullSecretOptions } from "../serve/login-options.ts";
import { manifestAt } from "../serve/plugin-from.ts";
import type { SetContent } from "./set-content.ts";

/** By Plugin: keys of the configuration it has now that have another name in the version that a set brings. */
export type RenamedKeys = Readonly<Record<string, readonly RenamedKey[]>>;

/**
 * Looks into the packages of those Plugins of `next` that are there already, with a configuration, and get another one.
 * Throws badConfig when nobody can say which value is meant; `note` is told of packages that cannot be read from here.
 */
export async function findRenamedKeys(
  next: SetContent,
  known: SetContent["plugins"],
  { logins, note }: { logins: LoginOptions & PullSecretOptions; note: (text: string) => void },
): Promise<RenamedKeys> {
  const found: Record<string, readonly RenamedKey[]> = {};
  for (const [name, spec] of Object.entries(next.plugins)) {
    const now = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!now?.config || (spec.digest !== undefined && spec.digest === now.digest)) continue;
    try {
      const manifest = await manifestAt(spec.source, logins);
      if (!manifest) continue;
      const former = now.version ?? (await manifestAt(now.source, logins))?.version;
      const { renamed } = migrateConfig(manifest, former, now.config);
      if (renamed.length > 0) found[name] = renamed;
    } catch (error) {
      if (isBerthError(error, badConfig)) throw new BerthError(badConfig, `plugin ${name}: ${error.message}`);
      note(`plugin ${name}: its configuration is not compared with the new package: ${errorMessage(error)}`);
    }
  }
  return found;
}

/** For a person, as `berth plugin upgrade` tells it. */
export function tellRenamedKeys(renamed: RenamedKeys): string[] {
  return Object.entries(renamed).map(([plugin, keys]) =>
    [`plugin ${plugin} spec.config:`, ...renameLines(keys)].join("\n  "),
  );
}

/** A set as it is once it is applied: its Plugins with what operators added to those that are there. */
export function mergeSet(next: SetContent, known: SetContent["plugins"], renamed: RenamedKeys): SetContent {
  const merged = Object.entries(next.plugins).map(([name, spec]) => {
    const now = Object.hasOwn(known, name) ? known[name] : undefined;
    return [name, now ? mergeSpec(now, spec, renamed[name]) : spec] as const;
  });
  return { ...next, plugins: Object.fromEntries(merged) };
}

/**
 * What a Plugin says once the set's spec is laid over it: what an operator added stays, under its new name. What was
 * said of the package goes with the package, and a source of another kind leaves nothing of the one before.
 */
export function mergeSpec(
  now: PluginSpec,
  next: PluginSpec,
  renamed: readonly RenamedKey[] = [],
): PluginSpec {
  const moved = renamed.length > 0 ? mergePatch({ ...now }, { config: renamePatch(renamed) }) : { ...now };
  return mergePatch(mergePatch(moved, otherPackage(now, next)), next) as unknown as PluginSpec;
}

function otherPackage(now: PluginSpec, { source }: Partial<PluginSpec>): object {
  if (source === undefined) return {};
  const isSameKind = Object.keys(source).some((kind) => Object.hasOwn(now.source, kind));
  if (isSameKind && isDeepStrictEqual(mergePatch({ ...now.source }, source), now.source)) return {};
  return { version: null, digest: null, dev: null, ...(!isSameKind && { source: null }) };
}
