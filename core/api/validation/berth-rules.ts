import type { Plugin, PluginInstance, PluginSet, PluginSource, PullSecret } from "../berth/types.ts";
import { FieldPath } from "../errors/field-path.ts";
import { dnsLabelRule, dnsSubdomainRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkLabels, checkName, checkUnique, membersSet } from "./checks.ts";

const sources = ["path", "executable", "npm", "oci", "endpoint"] as const;
const digest = /^sha256:[0-9a-f]{64}$/;
const npmPackage = /^(?:\/.+|(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*@\d[\w.+-]*)$/;
const ociReference =
  /^[\w.-]+(?::\d+)?(?:\/[a-z0-9][a-z0-9._-]*)+(?::\w[\w.-]*|@sha256:[0-9a-f]{64}|:\w[\w.-]*@sha256:[0-9a-f]{64})$/;
/** The name labels the plugin's instances, and a label's value has no more. */
const longestName = 63;
/** A socket path must fit into the kernel's address structure, its closing zero byte included. */
const longestSocketPath = 107;

const source: TypeRule = rule<PluginSource>((target, at, errors) => {
  const set = membersSet(target, sources);
  if (set.length === 0)
    errors.required(at, `must specify one of: ${sources.map((name) => `\`${name}\``).join(", ")}`);
  for (const extra of set.slice(1)) errors.forbidden(at.child(extra), "may not specify more than 1 source");
  if (target.path !== undefined && !target.path.startsWith("/")) {
    errors.invalid(at.child("path"), target.path, "must be an absolute path");
  }
  if (target.executable?.path !== undefined && !target.executable.path.startsWith("/")) {
    errors.invalid(at.child("executable", "path"), target.executable.path, "must be an absolute path");
  }
  if (target.npm?.package !== undefined && !npmPackage.test(target.npm.package)) {
    const form = "must be NAME@VERSION with an exact version, or the absolute path of a .tgz file";
    errors.invalid(at.child("npm", "package"), target.npm.package, form);
  }
  if (target.oci?.reference !== undefined && !ociReference.test(target.oci.reference)) {
    const form = "must be HOST/REPOSITORY:TAG or HOST/REPOSITORY@sha256:DIGEST";
    errors.invalid(at.child("oci", "reference"), target.oci.reference, form);
  }
  if (target.npm?.pullSecret && target.npm.package?.startsWith("/")) {
    errors.forbidden(at.child("npm", "pullSecret"), "a .tgz file on the node needs no login");
  }
  const { endpoint } = target;
  if (endpoint === undefined) return;
  const path = /^unix:\/\/(\/.+)$/.exec(endpoint)?.[1];
  if (!path) errors.invalid(at.child("endpoint"), endpoint, "must be unix:// followed by an absolute path");
  else if (new TextEncoder().encode(path).length > longestSocketPath) {
    errors.invalid(at.child("endpoint"), endpoint, `a socket path has at most ${longestSocketPath} bytes`);
  }
});

const pullSecret: TypeRule = rule<PullSecret>(({ namespace, name }, at, errors) => {
  checkName(namespace, dnsLabelRule, at.child("namespace"), errors);
  checkName(name, dnsSubdomainRule, at.child("name"), errors);
});

const plugin: TypeRule = rule<Plugin>(({ metadata, spec }, root, errors) => {
  const at = root.child("spec");
  if ((metadata?.name ?? "").length > longestName) {
    errors.invalid(
      FieldPath.of("metadata", "name"),
      metadata.name,
      `a plugin's name has at most ${longestName} characters`,
    );
  }
  if (!spec?.source) return;
  if (spec.digest !== undefined && !digest.test(spec.digest)) {
    errors.invalid(at.child("digest"), spec.digest, "must be sha256: followed by 64 hexadecimal digits");
  }
  if (spec.digest === undefined && !spec.dev && spec.source.endpoint === undefined) {
    errors.required(
      at.child("digest"),
      "a plugin is run only from a pinned copy; set `dev: true` to run a folder unverified",
    );
  }
  if (spec.dev && spec.source.path === undefined) {
    errors.forbidden(at.child("dev"), "only a plugin with `source.path` can be run for development");
  }
  if (spec.controller && spec.contract !== "csi") {
    errors.forbidden(at.child("controller"), "only a plugin with `contract: csi` has a controller side");
  }
  if (spec.network && spec.contract !== "cri") {
    errors.forbidden(at.child("network"), "only a plugin with `contract: cri` does networking of its own");
  }
  checkLabels(spec.nodeSelector, at.child("nodeSelector"), errors);
});

const pluginSet: TypeRule = rule<PluginSet>(({ spec }, root, errors) => {
  const at = root.child("spec");
  const plugins = spec?.plugins ?? [];
  checkUnique(plugins, (name) => name, at.child("plugins"), errors);
  for (const [index, name] of plugins.entries())
    checkName(name, dnsSubdomainRule, at.child("plugins").at(index), errors);
  for (const [index, name] of (spec?.networkChain ?? []).entries()) {
    if (!plugins.includes(name)) errors.notFound(at.child("networkChain").at(index), name);
  }
  checkUnique(spec?.networkChain, (name) => name, at.child("networkChain"), errors);
  const revision = spec?.revision ?? 0;
  // Sets are put in order by it: beyond what JavaScript holds exactly, two would be the same.
  if (revision < 0 || revision > Number.MAX_SAFE_INTEGER) {
    const range = `must be between 0 and ${Number.MAX_SAFE_INTEGER}, inclusive`;
    errors.invalid(at.child("revision"), revision, range);
  }
  checkLabels(spec?.nodeSelector, at.child("nodeSelector"), errors);
});

const pluginInstance: TypeRule = rule<PluginInstance>(({ metadata, spec }, _, errors) => {
  const expected = `${spec?.plugin}.${spec?.nodeName}`;
  if (spec?.plugin && spec.nodeName && metadata.name && metadata.name !== expected) {
    errors.invalid(FieldPath.of("metadata", "name"), metadata.name, `must be ${expected}: plugin and node`);
  }
});

export const berthRules: TypeRules = {
  "berth.v1alpha1.PluginSource": source,
  "berth.v1alpha1.PullSecret": pullSecret,
  "berth.v1alpha1.Plugin": plugin,
  "berth.v1alpha1.PluginSet": pluginSet,
  "berth.v1alpha1.PluginInstance": pluginInstance,
};
