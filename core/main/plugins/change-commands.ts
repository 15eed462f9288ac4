import { errorMessage } from "@berth/base";
import type { CliContext } from "../../cli/command.ts";
import { outputOption } from "../../cli/output-option.ts";
import { type Plugin, type PluginSpec, pullSecretOf, restartAnnotation } from "../../api/index.ts";
import { clientOf, resources } from "../../client/index.ts";
import { apiPullSecrets } from "../../nodeagent/api-pull-secrets.ts";
import { checkConfig } from "../../pluginhost/manifest/check-config.ts";
import type { Manifest } from "../../pluginhost/manifest/manifest.ts";
import {
  migrateConfig,
  type RenamedKey,
  renameLines,
  renamePatch,
} from "../../pluginhost/manifest/migrate-config.ts";
import {
  addLoginOptions,
  addPullSecretOption,
  type LoginOptions,
  type PullSecretOptions,
} from "../serve/login-options.ts";
import { manifestAt, pluginFrom } from "../serve/plugin-from.ts";
import { configChanges } from "./config-changes.ts";
import { followChange, isDisabled, isFollowed, isRestarted, type Judge } from "./follow-change.ts";
import { optionNumber } from "./option-number.ts";
import { PluginAccess } from "./plugin-access.ts";
import type { PluginCommands } from "./plugin-command.ts";
import { chooseRevision, readHistory, specOf } from "./plugin-history.ts";

interface ChangeOptions {
  wait: boolean;
  timeout: number;
  output: string;
}

interface UpgradeOptions extends ChangeOptions, LoginOptions, PullSecretOptions {
  dev: boolean;
  dryRun: boolean;
}

/** restart, upgrade, rollback, drain: each is one change of the Plugin object, and then a look at what comes of it. */
export const addChangeCommands: PluginCommands = (plugin, context, program) => {
  const add = (usage: string, description: string, example: string) =>
    plugin
      .command(usage)
      .description(description)
      .option("--no-wait", "return as soon as the object is changed")
      .option("--timeout <seconds>", "how long to wait for all nodes", optionNumber, 120)
      .addOption(outputOption("text"))
      .addHelpText("after", `\nExample:\n${example}`);

  add(
    "restart <name>",
    "a new process on every node, introduced beside the old one before that ends",
    `  berth plugin restart demo\n  kubectl annotate plugin demo --overwrite ${restartAnnotation}="$(date -Is)"`,
  ).action(async (name: string, options: ChangeOptions) => {
    const access = await PluginAccess.open(program);
    await access.plugin(name);
    const before = new Map(
      (await access.instances(name)).map(({ spec, status }) => [spec.nodeName, status?.incarnation ?? 0]),
    );
    await patch(access, name, {
      metadata: { annotations: { [restartAnnotation]: new Date().toISOString() } },
    });
    await finish(context, access, name, isRestarted(before), { ...options, done: "restarted" });
  });

  const upgrade = add(
    "upgrade <name> <source>",
    "run another package instead: both sides meet before calls go over, and a new one that fails leaves the old one serving",
    "  berth plugin upgrade demo /opt/demo-1.1.0 --dry-run\n  berth plugin upgrade demo oci:oci.example.com/demo:1.1.0",
  );
  addPullSecretOption(addLoginOptions(upgrade))
    .option("--dev", "run the folder as it stands, unverified", false)
    .option("--dry-run", "say what would change, the configuration included, and change nothing", false)
    .action(async (name: string, place: string, options: UpgradeOptions) => {
      const access = await PluginAccess.open(program);
      const former = await access.plugin(name);
      const { spec } = former;
      const pullSecrets = apiPullSecrets(access.api);
      const logins = { ...options, pullSecrets };
      const pullSecret = options.pullSecret ?? pullSecretOf(former);
      const next = await pluginFrom(place, { ...logins, pullSecret, name, contract: spec.contract });
      const { contract, source, version, digest, dev, grants } = next.plugin.spec;
      const renamed = next.manifest ? await compareConfig(context, spec, next.manifest, logins) : [];
      const from = spec.version ?? "?";
      // A merge patch takes away what is null.
      const elsewhere = { path: null, executable: null, npm: null, oci: null, endpoint: null };
      const change = {
        contract,
        source: { ...elsewhere, ...source },
        version: version ?? null,
        digest: digest ?? null,
        dev: dev ?? null,
        grants,
        ...(renamed.length > 0 && { config: renamePatch(renamed) }),
      };
      if (options.dryRun) return tellUpgrade(context, name, from, version, { renamed, options });
      const changed = await patch(access, name, { spec: change });
      const done = `upgraded from ${from} to ${version ?? "what it is now"}`;
      await finish(context, access, name, followedBy(changed), { ...options, done });
    });

  add(
    "rollback <name>",
    "go back to what the Plugin said before; `describe` shows its history",
    "  berth plugin rollback demo --to-revision 2\n  kubectl get controllerrevisions -n kube-system -l berth.dev/plugin=demo",
  )
    .option(
      "--to-revision <number>",
      "which one; the last that says something else when absent",
      optionNumber,
    )
    .action(async (name: string, options: ChangeOptions & { toRevision?: number }) => {
      const access = await PluginAccess.open(program);
      const object = await access.plugin(name);
      const chosen = chooseRevision(await readHistory(access.api, object), object, options.toRevision);
      const changed = await replaceSpec(access, object, specOf(chosen));
      const done = `rolled back to revision ${chosen.revision} (${specOf(chosen).version ?? "no version"})`;
      await finish(context, access, name, followedBy(changed), { ...options, done });
    });

  add(
    "drain <name>",
    "take it out of service: calls under way end, new ones are refused, the process ends",
    '  berth plugin drain demo\n  berth plugin drain demo --undo\n  kubectl patch plugin demo --type merge -p \'{"spec":{"disabled":true}}\'',
  )
    .option("--undo", "back into service", false)
    .action(async (name: string, options: ChangeOptions & { undo: boolean }) => {
      const access = await PluginAccess.open(program);
      await access.plugin(name);
      const changed = await patch(access, name, { spec: { disabled: options.undo ? null : true } });
      const judge = options.undo ? followedBy(changed) : isDisabled;
      const done = options.undo ? "back in service" : "out of service";
      await finish(context, access, name, judge, { ...options, done });
    });
};

/**
 * Says how the configuration changes with the version, and answers what of spec.config has another name now. Throws
 * badConfig when spec.config does not fit the new one.
 */
async function compareConfig(
  context: CliContext,
  { source, config, version }: PluginSpec,
  next: Manifest,
  logins: LoginOptions & PullSecretOptions,
): Promise<readonly RenamedKey[]> {
  let former = version;
  try {
    const now = await manifestAt(source, logins);
    former ??= now?.version;
    const changes = now ? configChanges(now.config, next.config) : [];
    if (changes.length > 0) context.note(["configuration:", ...changes].join("\n  "));
  } catch (error) {
    context.note(`configuration: not compared with the former package: ${errorMessage(error)}`);
  }
  const migrated = migrateConfig(next, former, config);
  if (migrated.renamed.length > 0)
    context.note(["spec.config:", ...renameLines(migrated.renamed)].join("\n  "));
  checkConfig(next, migrated.config);
  return migrated.renamed;
}

function tellUpgrade(
  context: CliContext,
  plugin: string,
  from: string,
  to: string | undefined,
  { renamed, options }: { renamed: readonly RenamedKey[]; options: UpgradeOptions },
): void {
  if (options.output === "json")
    return context.print(JSON.stringify({ plugin, outcome: "dry-run", from, to, renamed }, undefined, 2));
  context.print(`plugin ${plugin}: would be upgraded from ${from} to ${to ?? "what it is now"}`);
}

function patch(access: PluginAccess, name: string, change: object): Promise<Plugin> {
  return clientOf(access.api, resources.plugins).patch(name, "merge", change, { fieldManager: "berth" });
}

/** Fields that the former definition did not have go; whether it is in service stays. */
function replaceSpec(access: PluginAccess, object: Plugin, spec: PluginSpec): Promise<Plugin> {
  const { disabled } = object.spec;
  const wanted = { ...spec, ...(disabled === undefined ? {} : { disabled }) };
  return clientOf(access.api, resources.plugins).update(
    { ...object, spec: wanted },
    { fieldManager: "berth" },
  );
}

function followedBy({ metadata }: Plugin): Judge {
  return isFollowed(metadata.generation ?? 0);
}

/** Waits unless told not to, says what came of it, and sets the exit status. */
async function finish(
  context: CliContext,
  access: PluginAccess,
  name: string,
  judge: Judge,
  { wait, timeout, output, done }: ChangeOptions & { done: string },
): Promise<void> {
  const tell = output === "json" ? () => {} : (line: string) => context.note(line);
  const result = wait
    ? await followChange(access, name, judge, { timeoutMs: timeout * 1000, tell })
    : { outcome: "asked" as const, problems: {} };
  if (result.outcome === "failed") context.fail(2);
  if (result.outcome === "timeout") context.fail(3);
  if (output === "json") return context.print(JSON.stringify({ plugin: name, ...result }, undefined, 2));
  const problems = Object.entries(result.problems).map(
    ([node, problem]) => `${node}: ${problem || "still waiting"}`,
  );
  const words = { asked: "asked for", done, failed: "failed", timeout: `not done after ${timeout} s` };
  context.print(
    [`plugin ${name}: ${words[result.outcome]}`, ...problems.map((line) => `  ${line}`)].join("\n"),
  );
}
