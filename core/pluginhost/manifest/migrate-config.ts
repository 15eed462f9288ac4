import { BerthError } from "@berth/base";
import { badConfig } from "../errors.ts";
import { compareVersions } from "./compare-versions.ts";
import { hasKey, readKey, removeKey, writeKey } from "./config-path.ts";
import type { ConfigMigration, Manifest } from "./manifest.ts";

type Config = Readonly<Record<string, unknown>>;

/** A value of spec.config that goes to another key; keys inside others are written `outer.inner`. */
export interface RenamedKey {
  readonly from: string;
  readonly to: string;
  readonly value: unknown;
}

/**
 * spec.config as the manifest's version reads it: what earlier versions called otherwise is renamed, step by step from
 * the version that it was written for. Throws badConfig when nobody can say which value is meant.
 */
export function migrateConfig(
  manifest: Pick<Manifest, "version" | "config" | "configMigrations">,
  former: string | undefined,
  config: Config | undefined,
): { config: Config; renamed: readonly RenamedKey[] } {
  const result = structuredClone(config ?? {});
  let renamed: RenamedKey[] = [];
  for (const step of stepsFrom(manifest, former)) {
    const moves = Object.entries(step.rename).filter(([from]) => readKey(result, from) !== undefined);
    for (const [from, to] of moves) {
      const other = moves.find(([key, target]) => key !== from && target === to)?.[0];
      const isTaken = readKey(result, to) !== undefined && !moves.some(([key]) => key === to);
      if (isTaken || other !== undefined) throw ambiguous(from, to, step.to, other ?? to);
      if (former === undefined && hasKey(manifest.config, from)) throw unclear(from, step.to);
    }
    const values = moves.map(([from, to]) => ({ from, to, value: readKey(result, from) }));
    for (const { from } of values) removeKey(result, from);
    for (const { to, value } of values) writeKey(result, to, value);
    const followed = renamed.map((one) => ({ ...one, to: nameIn(step, one.to) }));
    renamed = [...followed, ...values.filter(({ from }) => !renamed.some(({ to }) => to === from))];
  }
  return { config: result, renamed };
}

/** What a merge patch of spec.config does the same with. */
export function renamePatch(renamed: readonly RenamedKey[]): Config {
  const patch: Record<string, unknown> = {};
  for (const { from } of renamed) writeKey(patch, from, null);
  for (const { to, value } of renamed) writeKey(patch, to, value);
  return patch;
}

/** As lines of a diff. */
export function renameLines(renamed: readonly RenamedKey[]): string[] {
  return renamed.flatMap(({ from, to, value }) => {
    const text = JSON.stringify(value);
    return [`- ${from}: ${text}`, `+ ${to}: ${text}`];
  });
}

/** What is wrong with the migrations that a manifest declares; undefined when nothing is. */
export function badMigration({ version, config, configMigrations }: Manifest): string | undefined {
  for (const [at, { to, rename }] of configMigrations.entries()) {
    const where = `configMigrations[${at}]`;
    if (compareVersions(to, version) > 0)
      return `${where}.to is ${to}, which is later than version ${version}`;
    if (configMigrations.some((one, other) => other < at && compareVersions(one.to, to) === 0))
      return `${where}.to is ${to} a second time; put its renames together`;
    const later = configMigrations.filter((one) => compareVersions(one.to, to) > 0);
    for (const [from, target] of Object.entries(rename)) {
      const isKnown = hasKey(config, target) || later.some((one) => Object.hasOwn(one.rename, target));
      if (!isKnown) return `${where}.rename: ${from} becomes ${target}, which config does not have`;
    }
  }
  return undefined;
}

/** Why a key is not known any more: "prefix is prefixes since 2.0.0"; nothing for other keys. */
export function renameHints(
  { config, configMigrations }: Pick<Manifest, "config" | "configMigrations">,
  given: Config,
): string[] {
  return configMigrations.flatMap(({ to, rename }) =>
    Object.entries(rename)
      .filter(([from]) => readKey(given, from) !== undefined && !hasKey(config, from))
      .map(([from, target]) => `${from} is ${target} since ${to}; berth plugin upgrade renames it`),
  );
}

function stepsFrom(
  { version, configMigrations }: Pick<Manifest, "version" | "configMigrations">,
  former: string | undefined,
): ConfigMigration[] {
  return configMigrations
    .filter(
      ({ to }) =>
        compareVersions(to, version) <= 0 && (former === undefined || compareVersions(to, former) > 0),
    )
    .toSorted((a, b) => compareVersions(a.to, b.to));
}

function nameIn({ rename }: ConfigMigration, key: string): string {
  return (Object.hasOwn(rename, key) ? rename[key] : undefined) ?? key;
}

function ambiguous(from: string, to: string, version: string, other: string): BerthError {
  return new BerthError(
    badConfig,
    `spec.config sets ${from}, which is ${to} since ${version}, and ${other} too: keep one of them`,
  );
}

function unclear(from: string, version: string): BerthError {
  return new BerthError(
    badConfig,
    `spec.config sets ${from}, which means something else since ${version}: say in spec.version for which version it is written`,
  );
}
